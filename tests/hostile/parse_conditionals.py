# expect: source
⟦5000 × 1 if 0 else ⟧1

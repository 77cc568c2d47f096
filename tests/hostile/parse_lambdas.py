# expect: source
⟦5000 × lambda: ⟧1

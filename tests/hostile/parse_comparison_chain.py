# expect: source
⟦32000 × 1 <= ⟧1

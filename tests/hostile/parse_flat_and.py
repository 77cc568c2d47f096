# expect: source
⟦32000 × 1 and ⟧1

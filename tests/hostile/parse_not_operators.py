# expect: source
⟦5000 × not ⟧1

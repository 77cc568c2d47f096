# expect: source
⟦5000 × -⟧1

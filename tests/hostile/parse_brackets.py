# expect: source
⟦5000 × [⟧⟦5000 × ]⟧

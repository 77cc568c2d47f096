# expect: source
⟦5000 × (x := ⟧1⟦5000 × )⟧

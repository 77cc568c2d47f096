# expect: source
⟦5000 × (⟧1⟦5000 × )⟧

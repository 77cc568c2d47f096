# expect: source
⟦100000 × (⟧

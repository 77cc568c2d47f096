# expect: source
⟦100000 × 9⟧

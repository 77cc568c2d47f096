# expect: source
len([⟦200000 × 1,⟧])

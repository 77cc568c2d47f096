# expect: value
⟦200000 × x = 1
⟧x

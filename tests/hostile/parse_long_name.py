# expect: script NameError
⟦100000 × a⟧

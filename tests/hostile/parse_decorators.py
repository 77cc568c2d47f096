# expect: script NameError
⟦20000 × @d
⟧def f(): pass

# expect: script NameError
⟦70000 × y⟧ + 1

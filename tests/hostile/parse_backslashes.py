# expect: source
x = ⟦100000 × \
⟧

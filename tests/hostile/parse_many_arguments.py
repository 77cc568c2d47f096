# expect: source
def f(): pass
f(⟦50000 × 1, ⟧)

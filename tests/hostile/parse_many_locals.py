# expect: value
def f():
    x = 1
⟦60000 ×     x = x
⟧    return x
f()

# expect: limit recursion
def f(): return f()⟦30000 ×  ⟧+ 1
f()

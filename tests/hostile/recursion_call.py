# expect: limit recursion
def f():
    return f()
f()

# expect: limit recursion
def f(n):
    return ''.join(f(n + 1) for _ in [1])
f(0)

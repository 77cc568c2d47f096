# expect: limit recursion
import functools
def f(a, b):
    return functools.reduce(f, [a, b])
f(1, 2)

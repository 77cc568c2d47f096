# expect: value
import functools
f = functools.partial(int)
for _ in range(100_000):
    f = functools.partial(f)
f()

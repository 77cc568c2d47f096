# expect: limit memory; memory: 16MiB
import functools
@functools.cache
def f(n): return str(n) * 100
for i in range(10**9):
    f(i)

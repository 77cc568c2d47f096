# expect: limit recursion
import copy
xs = []
for _ in range(100_000):
    xs = [xs]
copy.deepcopy(xs)

# expect: value
import copy
xs = []
for _ in range(60):
    xs = [xs, xs]
len(copy.deepcopy(xs))

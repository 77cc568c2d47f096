# expect: limit duration; duration: 200ms
import itertools
n = 0
for p in itertools.permutations(range(20)):
    n += 1

# expect: value
d = {}
for _ in range(100_000):
    d = {1: d}
d

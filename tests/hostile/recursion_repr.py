# expect: value
xs = []
for _ in range(100_000):
    xs = [xs]
len(repr(xs)) > 0

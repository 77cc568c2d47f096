# expect: value
xs = []
for _ in range(300_000):
    xs = [xs]
xs = None
1

# expect: script ValueError; with: tools
xs = []
for _ in range(10_000):
    xs = [xs]
len(echo(xs))

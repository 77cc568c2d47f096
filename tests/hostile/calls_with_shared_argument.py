# expect: limit message; with: tools
xs = []
for _ in range(40):
    xs = [xs, xs]
echo(xs)

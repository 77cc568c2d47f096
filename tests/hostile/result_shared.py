# expect: limit message
xs = []
for _ in range(40):
    xs = [xs, xs]
xs

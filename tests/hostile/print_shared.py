# expect: limit duration; duration: 200ms; grace: 100ms
xs = []
for _ in range(40):
    xs = [xs, xs]
print(xs)

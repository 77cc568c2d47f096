# expect: limit duration; duration: 200ms; grace: 100ms
xs = [0] * 3_000_000
ys = [0] * 3_000_000
while True:
    xs == ys

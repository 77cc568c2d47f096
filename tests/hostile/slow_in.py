# expect: limit duration; duration: 200ms
xs = list(range(1_000_000))
while True:
    -1 in xs

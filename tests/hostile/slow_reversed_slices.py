# expect: limit duration; duration: 200ms; grace: 100ms
xs = list(range(5_000_000))
while True:
    xs[::-1]

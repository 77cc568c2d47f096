# expect: limit duration; duration: 200ms; grace: 100ms
x = 3**2_000_000
while True:
    y = x * x

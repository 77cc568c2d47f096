# expect: limit duration; duration: 200ms; grace: 100ms
a, b, c = 3**100_000, 7**100_000, 5**100_000 + 2
while True:
    pow(a, b, c)

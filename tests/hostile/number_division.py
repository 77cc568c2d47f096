# expect: limit duration; duration: 200ms; grace: 100ms
x = 3**2_000_000
y = 7**700_000
while True:
    x % y

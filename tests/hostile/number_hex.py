# expect: limit duration; duration: 200ms; grace: 100ms
while True:
    int('f' * 1_000_000, 16)

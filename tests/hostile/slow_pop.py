# expect: limit duration; duration: 200ms
xs = list(range(2_000_000))
while xs:
    xs.pop(0)

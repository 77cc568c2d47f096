# expect: limit duration; duration: 200ms
xs = []
while True:
    xs.insert(0, 1)

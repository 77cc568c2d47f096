# expect: limit duration; duration: 200ms
a, b = 1, 1
while True:
    a, b = b, a + b

# expect: limit duration; duration: 200ms; grace: 100ms
a, b = [], []
for _ in range(60):
    a, b = [a, a], [b, b]
a == b

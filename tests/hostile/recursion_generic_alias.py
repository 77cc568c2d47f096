# expect: value
t = int
for _ in range(100_000):
    t = list[t]
repr(t)

# expect: limit recursion
t = int
for _ in range(100_000):
    t = (t,)
isinstance('a', t)

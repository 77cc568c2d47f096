# expect: limit recursion
t = ()
for _ in range(100_000):
    t = (t,)
{t: 1}

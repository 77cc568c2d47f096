# expect: value
t = int
for _ in range(2000):
    t = t | str
len(repr(t)) > 0

# expect: value; memory: 16MiB
for _ in range(300_000):
    xs = []
    xs.append(xs)
len(xs)

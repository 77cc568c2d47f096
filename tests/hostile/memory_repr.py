# expect: limit memory; memory: 16MiB
xs = ['a' * 1000]
for _ in range(40):
    xs = [xs, xs]
repr(xs)

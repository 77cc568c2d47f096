# expect: limit memory; memory: 16MiB
xs = [0] * 1000
while True:
    xs[:] = xs + xs

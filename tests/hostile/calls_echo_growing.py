# expect: limit memory; memory: 16MiB; with: tools
xs = 'a' * 1000
while True:
    xs = echo(xs) + xs

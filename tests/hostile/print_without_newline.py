# expect: limit output; output: 1MiB
while True:
    print('a' * 10_000, end='')

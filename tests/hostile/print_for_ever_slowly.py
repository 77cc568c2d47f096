# expect: limit output; output: 1MiB; duration: 20000ms
while True:
    print('x' * 70_000, flush=True)

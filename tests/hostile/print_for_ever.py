# expect: limit output; output: 1MiB
while True:
    print('spam' * 100)

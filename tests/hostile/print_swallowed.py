# expect: limit output; output: 1MiB
while True:
    try:
        print('spam' * 100)
    except BaseException:
        pass

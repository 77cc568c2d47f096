# expect: limit duration; duration: 200ms
while True:
    try:
        while True:
            pass
    except BaseException:
        continue

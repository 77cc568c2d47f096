try:
    while True:
        pass
except BaseException:
    print("caught")

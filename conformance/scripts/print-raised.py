try:
    print("hello")
    step()
except BaseException:
    print("caught")

# expect: limit duration; duration: 200ms
def f():
    try:
        f()
    except RecursionError:
        f()
while True:
    try:
        f()
    except BaseException:
        pass

# expect: limit duration
def fall(n):
    return 1 / n if n == 0 else fall(n - 1)


def again(n):
    try:
        fall(n)
    except ZeroDivisionError:
        again(n)


while True:
    try:
        again(490)
    except RecursionError:
        pass

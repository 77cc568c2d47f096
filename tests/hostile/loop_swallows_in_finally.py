# expect: limit duration; duration: 200ms
def f():
    while True:
        try:
            while True:
                pass
        finally:
            continue
f()

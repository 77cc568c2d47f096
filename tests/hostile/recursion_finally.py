# expect: limit duration; duration: 200ms
def f():
    try:
        f()
    finally:
        f()
f()

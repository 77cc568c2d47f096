# expect: limit duration; duration: 200ms
import functools
def key(x):
    while True:
        pass
sorted([3, 1, 2], key=key)

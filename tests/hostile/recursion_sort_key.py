# expect: limit recursion
def key(x):
    return sorted([2, 1], key=key)
sorted([2, 1], key=key)

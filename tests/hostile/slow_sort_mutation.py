# expect: value
xs = list(range(1000))
def key(x):
    xs.clear()
    xs.append(x)
    return -x
try:
    xs.sort(key=key)
except ValueError:
    pass
1

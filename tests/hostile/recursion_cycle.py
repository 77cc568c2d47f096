# expect: value
xs = []
xs.append(xs)
d = {1: xs}
xs.append(d)
[repr(xs) == repr(xs), len(str(d)) > 0]

# expect: value
xs = [1]
xs.append(xs)
xs

# expect: limit memory
xs = [0]
while True:
    xs += xs

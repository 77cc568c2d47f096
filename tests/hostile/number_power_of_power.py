# expect: limit memory
x = 2
while True:
    x = x**2

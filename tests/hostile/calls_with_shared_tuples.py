# expect: limit message; with: tools
x = ()
for _ in range(22):
    x = (x, x)
typed(x)

# Lines printed.
for i in range(1_000):
    print('line', i)

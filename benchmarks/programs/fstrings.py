# Texts built by f-strings, with and without a format.
length = 0
for i in range(40_000):
    price = i * 0.25
    line = f'{i:>6}: item {i % 97} at {price:.2f} ({"even" if i % 2 == 0 else "odd"})'
    length += len(line)
length

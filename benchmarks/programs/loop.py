# A loop of a million, small ints only.
total = 0
for i in range(1_000_000):
    total += i & 7
total

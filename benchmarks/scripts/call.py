# A tool called with two ints, which answers with one.
for i in range(1_000):
    add(i, 1)

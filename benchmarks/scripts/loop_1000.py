# A loop of 1,000 around nothing, which the loops around calls are compared with.
for i in range(1_000):
    None

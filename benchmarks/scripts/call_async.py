# The same, async and awaited.
for i in range(1_000):
    await add_later(i, 1)

# expect: limit concurrent-calls; with: tools
for _ in range(10_000):
    never(1)

# expect: limit host-memory; with: tools; host-memory: 32MiB
x = ['a' * 1_000_000] * 2
for _ in range(99):
    never(x)

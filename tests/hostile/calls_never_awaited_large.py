# expect: limit host-memory; with: tools; host-memory: 32MiB
for _ in range(99):
    later('a' * 2_000_000)
    pause()

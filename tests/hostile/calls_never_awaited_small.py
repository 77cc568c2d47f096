# expect: limit concurrent-calls; with: tools
for _ in range(9_000):
    later(1)
    pause()

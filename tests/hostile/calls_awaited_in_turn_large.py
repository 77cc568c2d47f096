# expect: value; with: tools; host-memory: 32MiB; duration: 20000ms; host: 20000ms
n = 0
for _ in range(40):
    n += len(await later('a' * 2_000_000))
n

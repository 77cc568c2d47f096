# expect: limit memory
bytes(4_000_000_000)

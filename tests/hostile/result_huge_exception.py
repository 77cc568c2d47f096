# expect: limit message; message: 1MiB
raise ValueError('a' * 20_000_000)

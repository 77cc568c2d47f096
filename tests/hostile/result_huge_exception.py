# expect: limit message; message: 1MiB
raise ValueError('a' * 5_000_000)

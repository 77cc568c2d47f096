# expect: limit message; message: 2MiB
list(range(1_000_000))

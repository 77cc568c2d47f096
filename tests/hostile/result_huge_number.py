# expect: limit message; message: 1MiB
1 << 20_000_000

# expect: limit message; message: 8MiB
'a' * 20_000_000

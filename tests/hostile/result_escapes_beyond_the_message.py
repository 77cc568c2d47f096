# expect: limit message
['\x01' * 50_000_000] * 5

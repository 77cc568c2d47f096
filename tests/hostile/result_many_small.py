# expect: limit message
list(range(1_000_000))

# expect: limit message; with: tools
t = 'a' * 1_000_000
typed([t] * 1000)

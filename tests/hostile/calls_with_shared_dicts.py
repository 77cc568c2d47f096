# expect: limit message; with: tools
d = [{'a': None}] * 1000
typed([d] * 3600)

# expect: limit message; with: tools
d = [{'a': None}] * 1000
later(*[d] * 3600)

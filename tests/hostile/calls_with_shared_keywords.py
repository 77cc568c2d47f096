# expect: limit message; with: tools
d = [{'a': None}] * 1000
later(**{f'k{i}': d for i in range(3600)})

# expect: value; with: tools
d = [{'a': None}] * 1000
len(echo([d] * 100))

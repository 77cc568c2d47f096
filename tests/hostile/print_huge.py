# expect: limit output
print('a' * 20_000_000)

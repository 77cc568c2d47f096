# expect: value
int('1' * 10_000_000, 2) > 0

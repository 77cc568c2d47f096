# expect: script ValueError
int('9' * 1_000_000)

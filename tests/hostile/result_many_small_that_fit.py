# expect: value
len(str(list(range(500_000)))), [None] * 500_000

# expect: value
10.0**-(10**10)

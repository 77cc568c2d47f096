# expect: value
round(1.5, -10**18)

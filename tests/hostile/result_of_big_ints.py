# expect: value
[10 ** 4000] * 1000

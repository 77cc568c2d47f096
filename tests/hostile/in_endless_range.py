# expect: limit duration; duration: 200ms
'a' in map(str, range(10**18))

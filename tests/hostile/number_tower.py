# expect: limit memory
10**10**10

# expect: limit memory
2**(2**33)

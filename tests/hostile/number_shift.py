# expect: limit memory
1 << (1 << 34)

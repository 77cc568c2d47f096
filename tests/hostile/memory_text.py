# expect: limit memory
'a' * 4_000_000_000

# expect: limit memory
'a'.zfill(10**9)

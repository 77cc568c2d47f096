# expect: limit memory; memory: 32MiB
list(range(10**12))

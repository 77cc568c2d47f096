# expect: limit memory; memory: 16MiB
set(range(10**9))

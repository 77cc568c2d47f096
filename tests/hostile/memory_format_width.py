# expect: limit memory; memory: 16MiB
format(1, '1000000000')

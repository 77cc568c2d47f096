# expect: limit memory; memory: 16MiB
width = 10**9
f'{1:{width}}'

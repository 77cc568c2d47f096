# expect: limit memory; memory: 32MiB
{i: str(i) for i in range(10**9)}

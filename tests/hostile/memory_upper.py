# expect: limit memory; memory: 32MiB
('\u0390' * 10_000_000).upper()

# expect: limit memory; memory: 16MiB
('a' * 1_000_000).join(['b'] * 10_000)

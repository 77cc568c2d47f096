# expect: limit memory; memory: 16MiB
('a ' * 30_000_000).split()

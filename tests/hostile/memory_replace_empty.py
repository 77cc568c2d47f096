# expect: limit memory
('a' * 10_000).replace('', 'b' * 1_000_000)

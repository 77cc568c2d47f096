# expect: limit memory
', '.join('a' * 100_000 for _ in range(100_000))

# expect: limit message; with: tools
never(1, **{str(i) + 'k' * 1_000_000: 1 for i in range(70)})

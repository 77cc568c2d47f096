# expect: script ValueError
raise ValueError('\x01' * 20_000_000)

# expect: value
['\x01' * 2_000_000] * 5

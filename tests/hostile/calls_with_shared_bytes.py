# expect: limit message; with: tools
t = b'a' * 1_000_000
echo({i: t for i in range(1000)})

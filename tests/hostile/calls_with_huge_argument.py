# expect: limit message; message: 1MiB; with: tools
echo('a' * 5_000_000)

# expect: limit memory; memory: 16MiB
text = 'a' * 1000
for _ in range(10):
    text = text.replace('a', 'aaaaaaaaaa')

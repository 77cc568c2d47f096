# expect: limit duration; duration: 200ms
text = 'a' * 10_000_000
while True:
    text + 'b'

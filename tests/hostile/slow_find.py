# expect: limit duration; duration: 200ms; grace: 100ms
text = 'a' * 10_000_000
while True:
    text.find('a' * 1000 + 'b')

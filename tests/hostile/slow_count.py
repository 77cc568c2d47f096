# expect: limit duration; duration: 200ms; grace: 100ms
text = 'a' * 10_000_000
while True:
    text.count('ab')

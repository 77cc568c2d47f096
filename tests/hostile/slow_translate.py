# expect: limit duration; duration: 200ms; grace: 100ms
text = 'ab' * 1_000_000
while True:
    text.split('a')

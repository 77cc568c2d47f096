# expect: limit duration; duration: 200ms; grace: 100ms
text = '\u1e9e' * 2_000_000
while True:
    text.casefold()

# expect: limit duration; duration: 200ms; grace: 100ms
import unicodedata
text = '\u0344' * 2_000_000
while True:
    unicodedata.normalize('NFC', text)

# expect: limit duration; duration: 200ms; grace: 100ms
import unicodedata
text = 'a' + '\u0301\u0323' * 3_000_000
unicodedata.normalize('NFC', text)
while True:
    unicodedata.normalize('NFD', text)

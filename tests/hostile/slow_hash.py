# expect: limit duration; duration: 200ms; grace: 100ms
import hashlib
data = b'a' * 30_000_000
while True:
    hashlib.sha512(data)

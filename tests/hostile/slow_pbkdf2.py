# expect: limit duration; duration: 200ms; grace: 100ms
import hashlib
hashlib.pbkdf2_hmac('sha512', b'a', b'b', 10**9)

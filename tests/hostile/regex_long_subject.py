# expect: limit duration; duration: 200ms; grace: 100ms
import re
text = 'a' * 5_000_000
while True:
    re.findall('a*b', text)

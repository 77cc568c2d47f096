# expect: limit duration; duration: 200ms
import re
while True:
    try:
        re.match(r'(a|a)*$', 'a' * 40 + 'b')
    except re.error:
        pass

# expect: limit duration; duration: 200ms; grace: 100ms
import re
re.sub('', 'b' * 1_000_000, 'a' * 10_000)

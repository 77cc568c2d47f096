# expect: script re.PatternError
import re
re.match(r'(a*)*\1b', 'a' * 100)

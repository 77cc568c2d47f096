# expect: script re.PatternError
import re
re.compile('(' * 100_000 + ')' * 100_000)

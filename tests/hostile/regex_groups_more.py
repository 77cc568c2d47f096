# expect: value
# No state of it is ever made: the text is too short.
import re
re.findall('(a)' * 60000, 'a')

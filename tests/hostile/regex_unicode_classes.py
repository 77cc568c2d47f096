# expect: value
import re
re.match(r'[\w\d\s]{1,100}$', 'a' * 1000) is None

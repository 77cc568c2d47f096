# expect: value
import re
re.search(r'(?<=(a|aa|aaa){1,50})b', 'a' * 5000)

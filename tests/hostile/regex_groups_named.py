# expect: limit memory
import re
re.match(''.join(f'(?P<g{i}>a)' for i in range(20000)), 'a' * 20000)

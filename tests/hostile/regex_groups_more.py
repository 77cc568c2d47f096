# expect: limit memory
# The size of that table is itself beyond 32 bits.
import re
re.findall('(a)' * 60000, 'a')

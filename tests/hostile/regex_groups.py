# expect: limit memory
# The table of all groups in all states would be beyond 2 GiB.
import re
re.search('(a)' * 20000, 'a' * 20000)

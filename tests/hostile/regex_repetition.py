# expect: script re.PatternError
import re
re.compile(r'((((a{1,1000}){1,1000}){1,1000}){1,1000})')

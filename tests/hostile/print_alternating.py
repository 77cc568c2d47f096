# expect: limit output; duration: 20000ms; output: 1MiB
import sys
while True:
    print('a' * 50, end='')
    print('b' * 50, end='', file=sys.stderr)

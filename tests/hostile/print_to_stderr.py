# expect: limit output; output: 1MiB
import sys
while True:
    print('spam' * 100, file=sys.stderr)

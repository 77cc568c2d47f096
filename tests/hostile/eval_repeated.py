# expect: script SyntaxError
while True:
    eval('1 + 1')

# expect: script SyntaxError
exec('(' * 100000)

# expect: limit duration; duration: 200ms; grace: 100ms
source = ''.join(' ' * i + 'def f():\n' for i in range(40))
exec(source + ' ' * 40 + 'pass')

# expect: limit recursion
source = 'exec(source)'
exec(source)

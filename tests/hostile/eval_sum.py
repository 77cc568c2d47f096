# expect: limit recursion
eval('+'.join(['1'] * 50_000))

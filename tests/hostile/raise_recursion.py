# expect: limit recursion
raise RecursionError('maximum recursion depth exceeded')

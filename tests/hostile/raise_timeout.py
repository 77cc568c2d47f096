# expect: script TimeoutError
raise TimeoutError('time limit exceeded: 1s > 1s')

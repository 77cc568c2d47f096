# expect: script NameError
__builtins__['open']('/etc/passwd')

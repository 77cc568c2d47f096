# expect: script NameError
eval("__import__('os').system('id')")

# expect: script NameError
__import__('os').system('id')

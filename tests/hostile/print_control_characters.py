# expect: value
print('\x9b31m\u202e\u2028\u200b\x7f\x1b[2J')

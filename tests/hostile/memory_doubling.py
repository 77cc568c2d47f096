# expect: limit memory
text = 'ab'
while True:
    text += text

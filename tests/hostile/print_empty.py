# expect: limit duration; duration: 200ms
while True:
    print(end='')

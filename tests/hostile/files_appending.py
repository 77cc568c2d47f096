# expect: script OSError; with: files
f = open('/overlay/hello.txt', 'a')
while True:
    f.write('a' * 4_000_000)

# expect: limit calls; calls: 2000; with: files
fs = []
while True:
    fs.append(open('/ro/hello.txt'))

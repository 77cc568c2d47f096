# expect: limit calls; calls: 1000; with: tools
while True:
    echo(1)

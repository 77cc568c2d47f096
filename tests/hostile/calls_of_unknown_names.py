# expect: limit calls; calls: 1000; with: tools
while True:
    try:
        unknown()
    except BaseException:
        pass

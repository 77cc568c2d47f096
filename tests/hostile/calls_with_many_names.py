# expect: limit calls; with: tools; calls: 2000; duration: 20000ms
i = 0
while True:
    i += 1
    try:
        eval(f'name_{i}()')
    except NameError:
        pass

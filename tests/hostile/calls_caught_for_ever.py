# expect: limit wait-duration; with: tools; wait: 100ms; duration: 1000ms
while True:
    try:
        await never(1)
    except BaseException:
        pass

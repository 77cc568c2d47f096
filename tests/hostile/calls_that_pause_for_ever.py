# expect: limit wait-duration; with: tools; wait: 100ms
while True:
    pause()

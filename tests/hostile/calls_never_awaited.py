# expect: value; with: tools
for _ in range(200):
    pause()
1

# expect: limit host-duration; with: tools; host: 300ms; duration: 20000ms
d = [{'a': None}] * 1000
x = [d] * 20
while True:
    typed(x)

# expect: limit duration; duration: 200ms; grace: 100ms
d = {}
for i in range(10**9):
    d[i % 1000 * 2.0**900] = i

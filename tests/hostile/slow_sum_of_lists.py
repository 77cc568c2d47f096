# expect: limit duration; duration: 200ms; grace: 100ms
sum([[i] for i in range(200_000)], [])

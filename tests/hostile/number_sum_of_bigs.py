# expect: limit duration; duration: 200ms
x = 3**1_000_000
sum(x for _ in range(10**6))

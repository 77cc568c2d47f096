# expect: script ValueError
str(3**1_000_000)

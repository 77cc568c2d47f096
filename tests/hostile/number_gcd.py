# expect: limit duration; duration: 200ms; grace: 100ms
import math
a, b = 3**500_000, 7**400_000
while True:
    math.gcd(a, b)

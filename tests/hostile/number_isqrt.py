# expect: limit duration; duration: 200ms; grace: 100ms
import math
x = 3**400_000
while True:
    math.isqrt(x)

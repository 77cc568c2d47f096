# expect: limit duration; duration: 200ms; grace: 100ms
import math
while True:
    math.factorial(100_000)

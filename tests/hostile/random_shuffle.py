# expect: limit duration; duration: 200ms
import random
xs = list(range(1_000_000))
while True:
    random.shuffle(xs)

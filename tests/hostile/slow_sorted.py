# expect: limit duration; duration: 200ms; grace: 100ms; memory: 2048MiB
import random
xs = [random.random() for _ in range(100_000)] * 100
while True:
    sorted(xs)

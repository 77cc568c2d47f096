# expect: limit recursion
import json
xs = []
for _ in range(100_000):
    xs = [xs]
json.dumps(xs)

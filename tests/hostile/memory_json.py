# expect: limit memory; memory: 16MiB
import json
xs = ['a' * 1000]
for _ in range(40):
    xs = [xs, xs]
json.dumps(xs)

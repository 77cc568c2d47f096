# expect: limit duration; duration: 200ms; grace: 100ms; memory: 512MiB
import json
xs = list(range(1_000_000))
while True:
    json.dumps(xs)

# expect: script ValueError
import json
xs = []
xs.append(xs)
json.dumps(xs)

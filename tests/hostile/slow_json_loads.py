# expect: limit duration; duration: 200ms; grace: 100ms; memory: 512MiB
import json
text = '[' + '1,' * 1_000_000 + '1]'
while True:
    json.loads(text)

# expect: script json.JSONDecodeError
import json
json.loads('[' * 100_000)

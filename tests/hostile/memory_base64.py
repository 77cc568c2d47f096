# expect: limit memory
import base64
data = b'a' * 50_000_000
base64.b64encode(base64.b64encode(data))

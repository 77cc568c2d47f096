# expect: script KeyError
import os
[dict(os.environ), os.getenv('PATH'), os.getenv('HOME')] == [{}, None, None] and os.environ['PATH']

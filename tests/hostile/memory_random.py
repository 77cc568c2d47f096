# expect: limit memory; memory: 16MiB
import random
random.randbytes(10**9)

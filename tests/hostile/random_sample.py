# expect: limit memory; memory: 32MiB
import random
random.sample(range(10**12), 10**8)

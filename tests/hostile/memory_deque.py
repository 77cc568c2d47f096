# expect: limit memory; memory: 16MiB
import collections
collections.deque(range(10**10))

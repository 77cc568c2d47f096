# expect: limit memory; memory: 16MiB
import collections
list(collections.Counter(a=10**9).elements())

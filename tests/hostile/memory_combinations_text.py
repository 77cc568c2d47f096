# expect: limit memory; memory: 16MiB
import itertools
[''.join(c) for c in itertools.combinations('abcdefghijklmnopqrstuvwxyz', 13)]

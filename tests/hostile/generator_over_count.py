# expect: limit memory; memory: 16MiB
import itertools
(x for x in itertools.count())

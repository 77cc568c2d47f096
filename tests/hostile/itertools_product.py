# expect: limit memory; memory: 16MiB
import itertools
list(itertools.product(range(1000), repeat=4))

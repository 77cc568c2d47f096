# expect: limit duration; duration: 200ms
import itertools
any(x for x in itertools.cycle([0]) if x)

# expect: limit duration; duration: 200ms
import itertools
sum(itertools.repeat(1))

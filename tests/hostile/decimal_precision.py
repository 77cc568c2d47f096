# expect: limit duration; duration: 200ms; grace: 100ms
from decimal import Decimal, getcontext
getcontext().prec = 10_000_000
Decimal(2).sqrt()

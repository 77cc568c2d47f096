# expect: limit duration; duration: 200ms; grace: 100ms
from decimal import Decimal, getcontext
getcontext().prec = 100_000
Decimal(1).exp()

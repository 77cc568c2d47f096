# expect: limit duration; duration: 200ms; grace: 100ms
from decimal import Decimal, getcontext
getcontext().prec = 1_000_000
while True:
    Decimal(1) / Decimal(7)

# expect: script decimal.Overflow
from decimal import Decimal
Decimal(3) ** Decimal(10**9)

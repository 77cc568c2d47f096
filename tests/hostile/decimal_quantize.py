# expect: script decimal.InvalidOperation
from decimal import Decimal
Decimal(1).quantize(Decimal('1E-1000000'))

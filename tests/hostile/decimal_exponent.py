# expect: value
from decimal import Decimal
Decimal('1E+999999') > 0

# expect: limit memory
from decimal import Decimal
format(Decimal('1E+999999'), 'f') * 1000

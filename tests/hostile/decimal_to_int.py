# expect: limit memory
from decimal import Decimal
int(Decimal('1E+999999999'))

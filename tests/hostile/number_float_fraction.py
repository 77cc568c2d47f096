# expect: value
from decimal import Decimal
len(str(Decimal(5e-324))) > 0

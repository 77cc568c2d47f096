import datetime
from decimal import Decimal
from pathlib import Path

take()
take(None, True, 7, 1.5, "é", b"\x00")
take([1, [2]], (1,), {"k": [None]}, {1: 2}, ...)
take({1}, frozenset([2]), 2**70, -(2**70), 1 + 2j)
take(datetime.date(2024, 2, 29), datetime.timedelta(days=-1), Decimal("1.20"), Path("/data/x"))
take(int, len, ValueError("x"), KeyError())
take(z=1, a=2, m=[3])

point = Point(1, y=2)
same = keep(point)
[type(point).__name__, same.name(), same == point]

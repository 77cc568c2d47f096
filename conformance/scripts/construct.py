point = Point(1, y=2)
same = keep(point)
[same is point, type(point).__name__]

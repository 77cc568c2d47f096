point.shift(1)

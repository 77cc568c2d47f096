[point.y, point.y]

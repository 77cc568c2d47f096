[point.x, point.scale(2, by="y")]

point.approve(1)

approve(1)

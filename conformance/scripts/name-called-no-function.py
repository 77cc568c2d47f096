limit(1)

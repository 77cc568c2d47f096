missing(1)

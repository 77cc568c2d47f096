[limit, limit + 1]

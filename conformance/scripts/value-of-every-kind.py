def function():
    pass


class Mine:
    pass


items = []
items.append(items)
[type(items).__name__, items]

items = []
while True:
    items.append("x" * 1000)

total = sum(price(item) * count for item, count in order)
f'{total:.2f} EUR'

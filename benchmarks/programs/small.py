# What a model writes most: a few lines over a few rows.
orders = [
    {'customer': 'Ada', 'amount': 120.5, 'items': ['pen', 'ink']},
    {'customer': 'Grace', 'amount': 80.0, 'items': ['book']},
    {'customer': 'Ada', 'amount': 42.25, 'items': ['paper', 'pen', 'stamp']},
]
totals = {}
for order in orders:
    totals[order['customer']] = totals.get(order['customer'], 0) + order['amount']
best = max(totals, key=lambda name: totals[name])
f'{best}: {totals[best]:.2f}, {sum(len(order["items"]) for order in orders)} items'

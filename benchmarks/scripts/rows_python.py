# The same rows, built in Python alone.
for i in range(100):
    [
        {'id': n, 'name': f'product {n}', 'price': 9.5 + n, 'active': n % 2 == 0, 'tags': ['new', 'sale']}
        for n in range(100)
    ]

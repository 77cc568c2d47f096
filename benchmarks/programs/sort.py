# Sorting with a key.
state = 12345
rows = []
for i in range(20_000):
    state = (state * 1103515245 + 12345) % 2147483648
    rows.append({'id': i, 'rank': state % 1000, 'name': str(state)})
by_rank = sorted(rows, key=lambda row: (row['rank'], row['id']))
by_name = sorted(rows, key=lambda row: row['name'], reverse=True)
(by_rank[0]['id'], by_rank[-1]['id'], by_name[0]['name'])

# Rows as dicts and tuples: grouping, joining, ordering, paging.
def generated(count, seed):
    rows = []
    for index in range(count):
        seed = (seed * 16807) % 2147483647
        rows.append({
            'sku': f'A{seed % 900:03d}',
            'site': ['north', 'south', 'east'][seed % 3],
            'count': seed % 40,
            'cost': (seed % 1000) / 8,
            'labels': ['new'] * (seed % 2) + ['heavy'],
        })
    return rows


def grouped(rows, field):
    groups = {}
    for row in rows:
        key = row[field]
        if key not in groups:
            groups[key] = []
        groups[key].append(row)
    return groups


rows = generated(1500, 42)
by_site = grouped(rows, 'site')
by_sku = grouped(rows, 'sku')
worth = {site: sum(row['count'] * row['cost'] for row in members) for site, members in by_site.items()}
heavy = [row for row in rows if 'heavy' in row['labels'] and row['count'] > 20]
pages = [heavy[start:start + 25] for start in range(0, len(heavy), 25)]
# ---
ranked = sorted(rows, key=lambda row: (row['site'], -row['cost'], row['sku']))
ranked.sort(key=lambda row: row['count'], reverse=True)
codes = sorted({row['sku'] for row in rows})
joined = []
for left in ranked[:150]:
    for right in by_sku[left['sku']]:
        if left is not right and left['site'] != right['site']:
            joined.append((left['sku'], left['site'], right['site'], left['count'] - right['count']))
unique = list(dict.fromkeys(joined))
joined.extend(unique)
copies = [dict(row, count=row['count'] + 1) for row in rows[:400]]
merged = [{**row, 'extra': index} for index, row in enumerate(copies)]
for row in merged:
    row['labels'] = list(row['labels'])
    row.pop('extra')
    row.update(seen=True)
flat = [label for row in rows for label in row['labels']]
matrix = [[index * column for column in range(12)] for index in range(60)]
while len(flat) > 100:
    flat.pop()
flat.insert(0, 'first')
print(worth, len(pages), len(codes), len(unique), any(row['count'] == 39 for row in rows), all(flat), sum(map(sum, matrix)))
ranked[0], list(filter(None, flat))[:2], list(map(lambda label: label.upper(), flat))[:2], max(row['cost'] for row in rows)

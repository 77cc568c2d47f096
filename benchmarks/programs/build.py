# Allocation: lists and dicts built and dropped.
kept = []
for i in range(60):
    rows = [{'id': j, 'pair': [j, j + 1], 'at': (i, j)} for j in range(400)]
    index = {row['id']: row for row in rows}
    kept.append(len(index) + sum(row['pair'][1] for row in rows))
sum(kept)

# Calls of the host: tools with rows both ways, awaited calls, files, prints.
import asyncio
import os
from pathlib import Path

total = 0
for day in range(120):
    try:
        total += rate('EUR' if day % 10 else 'XXX', day=day)
    except ValueError as error:
        print('day', day, error)
rows = orders(60)
for _ in range(6):
    rows = orders(60)
    unpaid = [row for row in rows if not row['paid'] and row['total'] > 20]
    settled = settle(rows)
print(region, settled, total)
# ---
async def main():
    items = ['bolt', 'nut', 'washer', 'screw', 'pin', 'clip']
    counts = await asyncio.gather(*[stock(item * (index % 3 + 1)) for index, item in enumerate(items * 6)])
    first = await stock('plate')
    return sum(counts) + first


in_stock = asyncio.run(main())
# ---
took = {}
for line in Path('/data/app.log').read_text().splitlines():
    day, level, duration = line.split(' ')
    took.setdefault(level.split('=')[1], []).append(int(duration.removeprefix('took=').removesuffix('ms')))
Path('/data/summary.txt').write_text('\n'.join(f'{level} {max(values)}' for level, values in took.items()))
with open('/data/notes/todo.txt') as file:
    tasks = [task.strip() for task in file]
listed = sorted(entry.name for entry in Path('/data').iterdir())
for index in range(150):
    print('line', index, tasks[index % 3], end=';\n')
print(listed, os.environ.get('USER'))
# ---
approved = [amount for amount in (10.0, 250.0) if approve(amount)]
{'approved': approved, 'rows': rows[:20], 'stock': in_stock, 'region': region, 'unpaid': len(unpaid)}

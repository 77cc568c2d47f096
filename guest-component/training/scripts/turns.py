# What agents do again and again: a few lines, a few calls, and a wait in between.
# repeat: 200
1 + 1
# ---
rows = orders(3)
total = sum(row['total'] for row in rows if row['paid'])
# ---
for day in range(8):
    total += rate('EUR', day=day)
# ---
import asyncio


async def main():
    return await asyncio.gather(stock('bolt'), stock('nut'))


counts = asyncio.run(main())
# ---
def describe(name, *, count=1):
    return f'{count} x {name}'


label = describe('bolt', count=counts[0])
print(label)
# ---
granted = approve(total)
# ---
{'total': total, 'granted': granted, 'label': label, 'rows': rows}

# Filter, group and report: thousands of rows stay in the sandbox, a dozen lines come out.
import csv
from collections import defaultdict
from pathlib import Path

with open('/data/orders.csv') as file:
    orders = [
        {'customer': row['customer'], 'country': row['country'], 'amount': int(row['cents']) / 100}
        for row in csv.DictReader(file)
        if row['status'] == 'paid'
    ]

by_country = defaultdict(list)
for order in orders:
    by_country[order['country']].append(order['amount'])

rates = exchange_rates(currencies=sorted(by_country))
summary = {
    country: {
        'orders': len(amounts),
        'total': round(sum(amounts), 2),
        'total_eur': round(sum(amounts) * rates[country], 2),
        'largest': max(amounts),
    }
    for country, amounts in sorted(by_country.items())
}

lines = [f'{"country":8} {"orders":>7} {"total":>12} {"in EUR":>12}']
for country, row in summary.items():
    lines.append(f'{country:8} {row["orders"]:7} {row["total"]:12.2f} {row["total_eur"]:12.2f}')
report = '\n'.join(lines) + '\n'
Path('/report/summary.txt').write_text(report)
print(report, end='')

total = sum(row['total_eur'] for row in summary.values())
notify(f'{len(orders)} paid orders, {total:.2f} EUR')
summary

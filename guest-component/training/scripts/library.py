# The standard library: dates, decimals, itertools, csv, regular expressions, JSON.
import base64
import csv
import hashlib
import json
import re
from dataclasses import dataclass, field
from datetime import date, datetime, timedelta
from functools import lru_cache, reduce
from itertools import accumulate, chain, combinations, groupby, product


@dataclass
class Event:
    name: str
    day: date
    tags: list = field(default_factory=list)
    weight: float = 1.0


events = [
    Event(f'event {index}', date(2026, 1, 1) + timedelta(days=index * 3 % 200), [f't{index % 4}'], index / 7)
    for index in range(300)
]
events = sorted(events, key=lambda event: event.day)
months = {month: len(list(group)) for month, group in groupby(events, key=lambda event: event.day.month)}
span = datetime(2026, 3, 4, 5, 6, 7) - datetime(2025, 12, 31, 23, 59)


@lru_cache(maxsize=None)
def ways(total, coins):
    if total == 0:
        return 1
    if total < 0 or not coins:
        return 0
    return ways(total - coins[-1], coins) + ways(total, coins[:-1])


counted = ways(120, (1, 2, 5, 10, 20, 50))
runs = list(accumulate(range(200)))
chosen = [a * b for a, b in combinations(range(40), 2) if (a + b) % 3 == 0]
folded = reduce(lambda total, item: total * 31 % 65521 + item, chain(runs, chosen), 7)
dice = sum(1 for a, b, c in product(range(1, 7), repeat=3) if a + b + c == 10)
print(months, span, counted, folded, dice)
# ---
settings = '\n'.join(f'[section{index % 9}] key_{index} = "value {index}" # note' for index in range(150))
pattern = re.compile(r'\[(?P<section>\w+)\]\s+(\w+)\s*=\s*"([^"]*)"')
parsed = {}
for line in settings.split('\n'):
    found = pattern.match(line)
    if found:
        parsed.setdefault(found.group('section'), {})[found.group(2)] = found.group(3)
cleaned = re.sub(r'\s*#.*', '', settings)
vowels = ''.join([match.group().upper() for match in re.finditer(r'[aeiou]+', settings)])
pieces = re.split(r'[=\s]+', cleaned)
masked = re.sub(r'(\w+)_(\d+)', r'\2-\1', cleaned)
nested = {'parsed': parsed, 'numbers': [index * 0.5 for index in range(200)], 'deep': [[[{'a': [None, True]}]]] * 30}
text = json.dumps(nested, indent=2, sort_keys=True)
again = json.loads(text)
compact = json.dumps(again)
assert again == json.loads(compact)
# ---
lines = [f'{event.name},{event.day.isoformat()},{event.weight:.2f},"{";".join(event.tags)}"' for event in events]
rows = list(csv.reader(lines))
digest = hashlib.sha256(compact.encode()).hexdigest()
encoded = base64.b64encode(compact.encode()).decode()
again = base64.b64decode(encoded).decode() == compact
len(rows), digest[:8], len(encoded), again, len(pieces), len(vowels), len(masked)

import asyncio
import json
import math
import os
import random
import re
import sys
import time
from collections import Counter, defaultdict, deque
from dataclasses import dataclass, field
from datetime import date, datetime, timedelta, timezone
from decimal import Decimal
from functools import partial, reduce
from itertools import chain, groupby
from pathlib import Path
from typing import Any, Optional


@dataclass
class Row:
    name: str
    amounts: list[float] = field(default_factory=list)

    def total(self) -> float:
        return sum(self.amounts)


def summarise(order: Order, scale: float = 1.0) -> dict[str, Any]:
    return {"id": order["id"], "total": round(order["total"] * scale, 2), "note": order.get("note", "")}


rows: list[Row] = [Row("a", [1.5, 2]), Row("b")]
by_customer = defaultdict(list)
counts = Counter()
for name in names:
    user = find_user(name)
    if user is None or not user.email:
        continue
    for index, order in enumerate(find_orders(user.name, status="paid", limit=5), start=1):
        by_customer[name].append((index, summarise(order)))
        counts[order["customer"].strip().lower()] += 1
        save({"id": 1, "customer": "x", "total": 2.5}, {"a": 1}, 1, 2.5)
pages = await asyncio.gather(*[fetch(url) for url in ["a", "b"]])
text = await fetch("https://example.org", retries=2)
match = re.search(r"(\d+)-(\d+)", text)
if match:
    print(int(match.group(1)) + int(match.group(2)), text.split(",")[0].upper(), f"{len(text):>5}")
try:
    data = json.loads(text)
    print(data["items"][0], sorted(rows, key=lambda row: row.total(), reverse=True)[:3])
except (ValueError, KeyError) as error:
    print(f"failed: {error!r}", file=sys.stderr)
finally:
    print(time.time(), random.randint(1, 6), math.sqrt(2), os.getenv("HOME"))
pairs = {key: max(values) for key, values in by_customer.items() if len(values) > 1}
total = sum(row.total() for row in rows) / max(len(rows), 1)
print(date.today() - timedelta(days=1), datetime.now(timezone.utc).isoformat(), Decimal("1.1") + 1)
print(list(zip([1], ["a"])), [x for x in reversed([1, 2])], list(map(str, [1])), any(counts.values()))
print(Path("/a") / "b.txt", reduce(lambda a, b: a + b, [1, 2]), list(chain([1], [2])), deque([1]))
with open("/data.csv") as file:
    lines = [line.strip() for line in file.read().splitlines()]
mail.send(["a"], subject="x", at=datetime(2026, 1, 1), amount=Decimal(1))
first, *rest = lines
while total > 0 and first:
    total -= 1
    if isinstance(first, str):
        break
find_orders(5, state="open")
find_orders("a")[0]["missing"]
find_user("a").name
fetch("a").upper()
missing_name + "a" + 1
result = {"rows": len(rows), "pairs": pairs, "pages": [page[:10] for page in pages]}
result

# Python that runs: nothing here is reported.
import asyncio
import csv
import json
import math
import os
import random
import re
import sys
import time
from collections import Counter, defaultdict, deque, namedtuple
from dataclasses import dataclass, field
from datetime import date, datetime, timedelta, timezone
from decimal import Decimal
from functools import lru_cache, partial, reduce
from itertools import chain, groupby, zip_longest
from pathlib import Path
from typing import Any, Callable, Literal, Optional

Point = namedtuple("Point", ["x", "y"])


@dataclass
class Row:
    name: str
    amounts: list[float] = field(default_factory=list)

    def total(self) -> float:
        return sum(self.amounts)


def summarise(weather: Weather, scale: float = 1) -> dict[str, Any]:
    return {"city": weather["city"], "warm": weather["celsius"] * scale > 20}


rows = [Row("a", [1.5, 2]), Row("b")]
print(sorted(rows, key=lambda row: row.total()), rows[0].total())
print(list(map(str.upper, ["a"])) if False else [one.upper() for one in ["a"]])
print([summarise(get_weather(city)) for city in cities[:limit]])
match = re.search(r"(\d+)-(\d+)", "10-20")
if match:
    print(int(match.group(1)) + int(match.group(2)))
settings = {"name": "x", "size": 3, "tags": ["a", "b"], "nested": {"deep": [1, 2]}}
print(settings["name"], json.dumps(settings), settings["size"])
counts = Counter(word for word in "a b a".split())
print(counts.most_common(1)[0][0], Counter("ab") + Counter("b"))
groups = defaultdict(list)
for index, city in enumerate(cities, start=1):
    groups[len(city)].append((index, city))
print(dict(groups), max(groups.items(), key=lambda item: len(item[1])))
print(len(zip([1], [2])), len(enumerate("ab")), reversed([1, 2])[0], filter(None, [0, 1])[0])
print(getattr(rows[0], "name"), hasattr(rows, "x"), format(3.14159, ".2f"))
text = open("/data.csv").read() if os.path.exists("/data.csv") else ""
for record in csv.DictReader(text.splitlines()):
    print(record["name"])
for folder, folders, files in os.walk("/"):
    print(folder, files)
print(date.today() - timedelta(days=1), datetime.now(timezone.utc).isoformat())
print(Decimal("1.10") + 1, math.sqrt(2), random.randint(1, 6), time.time(), sys.version_info[0])
print(Path("/a") / "b.txt", Path("/a/b.txt").suffix, reduce(lambda a, b: a + b, [1, 2]))


@lru_cache(maxsize=None)
def fib(n):
    return n if n < 2 else fib(n - 1) + fib(n - 2)


print(fib(20), partial(pow, 2)(3), list(chain([1], [2])), list(zip_longest([1], [2, 3])))
try:
    print(int("x"))
except (ValueError, KeyError) as error:
    print(f"failed: {error!r:>10} {str(error)[:5]}")
queue = deque([1, 2], maxlen=5)
queue.append(3)
first, *rest = queue
total = 0
while (total := total + 1) < 3:
    pass
results = []
for city in ["Oslo", "Rome"]:
    try:
        weather = get_weather(city)
        results.append({"city": city, "celsius": weather["celsius"]})
    except Exception as error:
        results.append({"city": city, "error": str(error)})
print(sorted(results, key=lambda result: result["city"]))
match settings:
    case {"name": str(name), **others}:
        print(name, others)
    case _:
        print("nothing")
__name__

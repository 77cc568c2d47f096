# What Monty does not have.
import abc  # error: unresolved-import
import collections.abc  # error: unresolved-import
import dataclasses
import datetime as dt
import json
import numpy as np  # error: unresolved-import
import os.path
from collections import Counter, OrderedDict  # error: unresolved-import
from dataclasses import asdict, dataclass  # error: unresolved-import
from datetime import UTC, datetime, timezone  # error: unresolved-import
from typing import Any, NamedTuple, TypedDict, cast  # error: unresolved-import, unresolved-import, unresolved-import

print(dt.UTC)  # error: unsupported-attribute
print(dataclasses.asdict)  # error: unsupported-attribute
print(os.path.join("a", "b"), json.dumps({}))


class Base:
    pass


class Derived(Base):  # error: unsupported-syntax
    pass


class Account:
    owner = "Ann"
    balance: int = 0
    a, b = 1, 2  # error: unsupported-syntax

    @property  # error: unsupported-syntax
    def double(self):
        return self.balance * 2

    for _ in range(2):  # error: unsupported-syntax
        pass


def numbers():
    yield 1  # error: unsupported-syntax
    yield from [2, 3]  # error: unsupported-syntax


values = {"a": 1}
del values["a"]  # error: unsupported-syntax
type Number = int | float  # error: unsupported-syntax
super  # error: unresolved-reference
json.dumps({}, indent=2)
json.dumps({}, default=str)  # error: unsupported-argument
print(ValueError("a"), ValueError("a", 1))  # error: unsupported-argument
callable(print)  # error: unresolved-reference
input("name")  # error: unresolved-reference
vars()  # error: unresolved-reference
Weather  # error: unresolved-reference
missing_name  # error: unresolved-reference
get_wether("Oslo")  # error: unresolved-reference


async def stream(rows):
    async for item in rows:  # error: unsupported-syntax
        pass
    async with open("x") as file:  # error: unsupported-syntax
        pass


try:
    pass
except* ValueError:  # error: unsupported-syntax
    pass

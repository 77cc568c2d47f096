//! A script that uses an unsupported feature ends with a hint.

use crate::support::{assert_snapshot, repr, run};

/// One script for each hint.
const UNSUPPORTED: &[&str] = &[
    "class A(Exception): pass",
    "sorted([1], key=lambda x: open('/a').read())",
    "def f():\n    yield 1",
    "x = 1\ndel x",
    "class A:\n    @property\n    def p(self): return 1",
    "class A:\n    @staticmethod\n    def p(): return 1",
    "async def f():\n    async with a: pass",
    "async def f():\n    async for x in a: pass",
    "try:\n    pass\nexcept* ValueError:\n    pass",
    "from math import *",
    "type X = int",
    "a @= b",
    "def f():\n    yield from []",
    "class A:\n    for i in []: pass",
    "def f():\n    return [x async for x in y]",
    "t\"x\"",
    "sorted(['b'], key=str.lower)",
    "list(map(str.strip, [' a']))",
    "d = {}\nmax(d, key=d.get)",
    "import json\njson.dumps({}, default=str)",
    "import json\njson.loads('{}', object_hook=dict)",
    "import json\njson.dumps({}, cls=None)",
    "import re\nre.sub('a', lambda m: 'b', 'a')",
    "import re\nre.compile('a', re.VERBOSE)",
    "from datetime import datetime\ndatetime.utcnow()",
    "from datetime import datetime\ndatetime.fromtimestamp(0)",
    "from datetime import datetime\ndatetime.combine(1, 2)",
    "from datetime import UTC",
    "from datetime import datetime\ndatetime.now().isocalendar()",
    "import statistics",
    "import string",
    "import heapq",
    "import operator",
    "import enum",
    "import uuid",
    "import textwrap",
    "import io",
    "import contextlib",
    "import urllib.parse",
    "import logging",
    "import traceback",
    "import collections.abc",
    "from collections import OrderedDict",
    "from functools import wraps",
    "from functools import cmp_to_key",
    "from dataclasses import asdict",
    "import asyncio\nasyncio.create_task",
    "import asyncio\nasyncio.wait_for",
    "import asyncio\nasyncio.gather(return_exceptions=True)",
    "import asyncio\nawait asyncio.gather(1, return_exceptions=True)",
    "raise SystemExit(2)",
    "import sys\nsys.exit(1)",
    "exit()",
    "raise ValueError('a', 'b')",
    "callable(1)",
    "issubclass(int, int)",
    "dir(1)",
    "vars(1)",
    "globals()",
    "bytearray(1)",
    "input()",
    "super()",
    "(5).bit_length()",
    "(5).to_bytes(2, 'big')",
    "(1.5).is_integer()",
    "'a'.translate({})",
    "'a'.maketrans('a', 'b')",
    "'a'.format_map({})",
    "b'a'.decode('latin-1')",
    "def f(): pass\nf.__name__",
    "class A:\n    def __len__(self): return 1\nlen(A())",
    "class A:\n    def __lt__(self, o): return True\nsorted([A(), A()])",
    "from pathlib import Path\nPath('/a/b').parents",
    "from pathlib import Path\nPath('/a/b').relative_to('/a')",
    "from pathlib import Path\nPath('/a').touch()",
    "next(zip([1], [2]))",
    "next(x for x in [1])",
    "import numpy",
    "import pandas",
    "import requests",
    "import os\nos.system('ls')",
    "import subprocess",
    "import threading",
    "import typing\ntyping.cast(int, 1)",
    "from typing import TypedDict",
    "from typing import NamedTuple",
    "from enum import Enum",
    "open('x', 'r+')",
    "x: int = 5\nx.__dict__",
    "class A: pass\nA().__dict__",
    "[1].append",
    "bytes([65])",
    "name = lambda: 1\nname.__doc__",
];

#[test]
fn every_hint() {
    let seen: Vec<_> = UNSUPPORTED
        .iter()
        .map(|source| {
            let error = run(source).expect_err(source);
            let hint = error.hint();
            let hint = hint.unwrap_or_else(|| panic!("no hint for {source:?}: {error}"));
            format!("{source:?}\n    {}: {}", hint.code, hint.advice)
        })
        .collect();
    assert_snapshot!("hints", seen.join("\n"));
}

#[test]
fn an_ordinary_mistake_has_no_hint() {
    for source in [
        "1 / 0",
        "undefined",
        "x = = 1",
        "{}['k']",
        "raise ValueError('no')",
    ] {
        let error = run(source).expect_err(source);
        assert_eq!(error.hint(), None, "{source}");
    }
}

/// The advice of the hints works here.
#[test]
fn advice_works() {
    let cases = [
        ("d = {'a': 1}\nd.pop('a')\nd", "{}"),
        ("sorted(['B', 'a'], key=lambda s: s.lower())", "['a', 'B']"),
        (
            "d = {'a': 1, 'b': 2}\nmax(d, key=lambda key: d[key])",
            "'b'",
        ),
        (
            "import re\n[m.start() for m in re.finditer('a', 'banana')]",
            "[1, 3, 5]",
        ),
        (
            "from datetime import datetime, timezone, timedelta\n(datetime(1970, 1, 1, tzinfo=timezone.utc) + timedelta(seconds=5)).isoformat()",
            "'1970-01-01T00:00:05+00:00'",
        ),
        (
            "from datetime import datetime\nd = datetime(2024, 1, 1)\n(d.strftime('%G'), d.strftime('%V'), d.strftime('%u'))",
            "('2024', '01', '1')",
        ),
        (
            "import asyncio\nasync def f(x): return x\nawait asyncio.gather(f(1), f(2))",
            "[1, 2]",
        ),
        ("len(bin(abs(-5))) - 2", "3"),
        (
            "n, size = 5, 2\nbytes.fromhex(f'{n:0{2 * size}x}')",
            "b'\\x00\\x05'",
        ),
        (
            "bytes.fromhex(''.join(f'{n:02x}' for n in [65, 66]))",
            "b'AB'",
        ),
        (
            "table = {'a': 'b'}\n''.join(table.get(c, c) for c in 'abc')",
            "'bbc'",
        ),
        ("str('/a/b').removeprefix('/a/')", "'b'"),
        ("next(iter([1]))", "1"),
        (
            "import bisect\nxs = [1, 3]\nbisect.insort(xs, 2)\nxs",
            "[1, 2, 3]",
        ),
        (
            "import random\nlen(f'{random.getrandbits(128):032x}')",
            "32",
        ),
        ("import csv\nlist(csv.reader(['a,b']))", "[['a', 'b']]"),
        ("'{a}'.format(**{'a': 1})", "'1'"),
    ];
    for (source, value) in cases {
        assert_eq!(repr(source), value, "{source}");
    }
}

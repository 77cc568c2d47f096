"""The rows of `compare` in the CPython that runs this: no sandbox, no limits."""

import ast
import asyncio
import contextlib
import inspect
import io
import os

from protocol import Absent, serve

ROWS = [
    {"id": n, "name": f"product {n}", "price": 9.5 + n, "active": n % 2 == 0, "tags": ["new", "sale"]}
    for n in range(100)
]


def add(a, b):
    return a + b


async def add_later(a, b):
    return a + b


TOOLS = {"add": add, "add_later": add_later, "rows": lambda: ROWS, "rows_value": lambda: ROWS, "take": lambda rows: None}


def run(source, names):
    """What the last line of a source comes to."""
    tree = ast.parse(source)
    last = tree.body.pop() if isinstance(tree.body[-1], ast.Expr) else None
    awaits = ast.PyCF_ALLOW_TOP_LEVEL_AWAIT
    code = [compile(tree, "script.py", "exec", flags=awaits)]
    if last:
        code.append(compile(ast.Expression(last.value), "script.py", "eval", flags=awaits))
    if any(one.co_flags & inspect.CO_COROUTINE for one in code):
        return asyncio.run(run_async(code, names))
    return [eval(one, names) for one in code][-1]


async def run_async(code, names):
    for one in code:
        value = eval(one, names)
        if one.co_flags & inspect.CO_COROUTINE:
            value = await value
    return value


def fresh(source, tools):
    def iterations(count):
        for _ in range(count):
            with contextlib.redirect_stdout(io.StringIO()):
                value = run(source, dict(tools))
        return value

    return iterations


def live():
    names = {}

    def iterations(count):
        for _ in range(count):
            value = run("1 + 1", names)
        return value

    return iterations


def open_row(row):
    kind, _, path = row.partition(" ")
    match kind:
        case "program":
            return fresh(open(path).read(), {})
        case "script" if "rows_answer" in path or "rows_argument" in path:
            raise Absent("in CPython, nothing crosses to another side")
        case "script":
            return fresh(open(path).read().replace("/data", os.environ["BENCHMARK_DATA"]), TOOLS)
        case "live":
            return live()
    raise Absent("CPython has no such thing")


serve(open_row)

"""What is measured, and the targets."""

from dataclasses import dataclass
from pathlib import Path

HERE = Path(__file__).resolve().parent.parent


@dataclass(frozen=True)
class Row:
    """A row of the tables, which an iteration of `opens` measures."""

    name: str
    title: str
    group: str
    # What a runner is asked to open.
    opens: str
    # Operations in an iteration, which the times are of.
    per: int = 1
    # The row whose time is taken off: a loop around nothing.
    minus: str | None = None
    # How many sessions the memory of one is found from: not a time.
    sessions: int = 0
    # How many iterations a sample has, where that is not found out.
    iterations: int | None = None
    # The processor's time would also be that of what is not measured.
    wall_only: bool = False


def script(name, title, per, minus):
    return Row(name, title, "calls", f"script {HERE}/scripts/{name.replace('-', '_')}.py", per, minus)


def program(path):
    title = path.read_text().splitlines()[0].removeprefix("# ").rstrip(".")
    name = path.stem.replace("_", "-")
    return Row(name, f"`{name}`: {title[0].lower()}{title[1:]}", "programs", f"program {path}")


ROWS = [
    Row("start", "A pool or an engine started, and `1 + 1` in it", "runs", "start", wall_only=True),
    Row("fresh", "Fresh isolated instance, `1 + 1`", "runs", "fresh"),
    Row("first-result", "The same, an instance being ready, until its result", "runs", "first-result", iterations=100, wall_only=True),
    Row("first-result-after-pause", "The same after a pause", "runs", "first-result-after-pause", iterations=100, wall_only=True),
    Row("live", "`1 + 1` in a live session", "runs", "live"),
    Row("live-after-pause", "The same after a pause", "runs", "live-after-pause", iterations=100, wall_only=True),
    Row("spawned-1", "1,000 runs of `1 + 1` spawned at once, per run: one worker", "runs", "spawned 1", per=1000),
    Row("spawned-2", "The same, two workers", "runs", "spawned 2", per=1000),
    Row("spawned-own-1", "The same where each run makes its own instance: one worker", "runs", "spawned-own 1", per=1000),
    Row("spawned-own-2", "The same, two workers", "runs", "spawned-own 2", per=1000),
    Row("parked", "A parked session, one piece of code, parked again", "runs", "parked"),
    Row("restored", "A session dumped and restored", "runs", "restored"),
    Row("suspended", "Suspend, sign, check, resume", "runs", "suspended"),
    script("loop-1000", "A loop of 1,000 around nothing", 1, None),
    script("call", "External call, two ints in, one out", 1000, "loop-1000"),
    script("call-async", "The same tool async, awaited", 1000, "loop-1000"),
    script("read", "A file of 100 bytes read", 1000, "loop-1000"),
    script("print", "A printed line, of 1,000", 1000, "loop-1000"),
    script("gather", "A run that gathers 100 async tools", 1, None),
    script("loop-rows", "Rows fetched once and a loop of 100", 1, None),
    script("rows-answer", "100 dict rows of 5 fields as an answer, from serde structs", 100, "loop-rows"),
    script("rows-answer-value", "The same answer as a `Value`", 100, "loop-rows"),
    script("rows-argument", "100 rows as argument, to serde structs", 100, "loop-rows"),
    script("rows-argument-value", "The same argument as a `Value`", 100, "loop-rows"),
    script("rows-python", "The rows built in Python alone", 100, None),
    *[program(path) for path in sorted(HERE.glob("programs/*.py"))],
    Row("decode-rows", "100 dict rows of 5 fields decoded", "messages", "decode rows"),
    Row("decode-chain", "900 nested lists decoded", "messages", "decode chain"),
    Row("decode-operands", "Each of those 900 lists as an operand", "messages", "decode operands"),
    Row("beside-nothing", "A script of 1 ms with 200 calls, alone", "neighbours", "beside nothing", wall_only=True),
    *[
        Row(
            f"beside-{name}",
            f"The same beside {title} on another thread",
            "neighbours",
            f"beside {name}",
            wall_only=True,
        )
        for name, title in [
            ("loop", "an endless loop"),
            ("calls", "a flood of calls"),
            ("recursion", "runaway recursion"),
            ("prints", "a flood of prints"),
            ("memory", "a memory bomb"),
        ]
    ],
    Row("ten-calls", "A script that calls a tool 10 times", "code-mode", "ten-calls"),
    Row("code-mode-calls", "The same by `CodeMode::call`", "code-mode", "code-mode calls"),
    Row("schema-tools", "450 tools made of JSON Schemas", "code-mode", "code-mode tools"),
    Row("catalogue", "The toolbox and the catalogue of 450 tools", "code-mode", "code-mode catalogue"),
    Row("tool-index", "The index of 450 tools", "code-mode", "code-mode index"),
    Row("search", "A search in it, with the signatures of 10 tools", "code-mode", "code-mode search"),
    Row("check-start", "A checker started, and its first check: 30 lines that call five tools", "checks", "check start", wall_only=True),
    Row("check-tools", "Those 30 lines, in a fresh instance", "checks", "check tools"),
    Row("check-session", "One line after them in a session", "checks", "check session"),
    Row("check-small", "`1 + 1`", "checks", "check small"),
    Row("check-errors", "40 lines with 20 errors", "checks", "check errors"),
    Row("check-library", "90 lines that use most of the standard library", "checks", "check library"),
    Row("check-memory", "Memory of a process with a checker, after one check", "checks", "check memory", sessions=1),
    Row("memory-live", "An idle session, live", "memory", "memory live", sessions=50),
    Row("memory-parked", "An idle session, parked", "memory", "memory parked", sessions=1000),
]

# What the page has.
COMPARED = ["runs", "calls", "programs", "memory"]
PROGRAMS = [row.name for row in ROWS if row.group == "programs"]
# Rows that are there to be taken off others.
BASES = {row.minus for row in ROWS} - {None}


def choose(names):
    """The rows of these names or groups, and what is taken off them."""
    known = {row.name for row in ROWS} | {row.group for row in ROWS}
    for name in names:
        if name not in known:
            raise RuntimeError(f"no row and no group `{name}`: {', '.join(sorted(known))}")
    chosen = [row for row in ROWS if row.name in names or row.group in names]
    bases = {row.minus for row in chosen}
    return [row for row in ROWS if row in chosen or row.name in bases]

"""The targets, and whether a run meets them."""

import statistics
from dataclasses import dataclass

# Times were set on a machine where the pool, whose binary is the same everywhere,
# takes this for fib(27), the one program that is known of it.
POOL_FIB_NS = 61e6

# What the pool takes for each program on another machine, in milliseconds: medians of
# the six runs whose pages are in the history of docs/benchmarks.md and found the machine
# quiet. One program alone moves by a fifth from run to run, as `fib` did between 92 and
# 114 ms, so a machine is compared by all of them.
POOL_MS = {
    "build": 22.6,
    "classes": 49.4,
    "fib": 99.5,
    "fstrings": 55.4,
    "json-round-trip": 41.8,
    "loop": 138.5,
    "nbody": 63.4,
    "regex": 14.9,
    "sort": 56.8,
    "spectral-norm": 79.2,
    "words": 18.9,
}


@dataclass(frozen=True)
class Target:
    """The most that a figure of monty-host may be."""

    title: str
    row: str
    figure: str
    most_ns: float


MICROSECOND = 1e3
MILLISECOND = 1e6

TIMES = [
    Target("Fresh isolated instance, `1 + 1`, CPU", "fresh", "cpu", 22 * MICROSECOND),
    Target("The same, an instance being ready, until its result", "first-result", "wall", 12 * MICROSECOND),
    Target("`1 + 1` in a live session", "live", "cpu", 3 * MICROSECOND),
    Target("1,000 runs spawned at once, per run, one worker", "spawned-1", "wall", 26 * MICROSECOND),
    Target("The same, two workers", "spawned-2", "wall", 14 * MICROSECOND),
    Target("A parked session, one piece of code, parked again", "parked", "cpu", 60 * MICROSECOND),
    Target("Suspend, sign, check, resume", "suspended", "cpu", 80 * MICROSECOND),
    Target("External call, two ints in, one out", "call", "cpu", 1.2 * MICROSECOND),
    Target("100 rows as an answer, from serde structs", "rows-answer", "cpu", 95 * MICROSECOND),
    Target("100 rows as an answer, as a `Value`", "rows-answer-value", "cpu", 85 * MICROSECOND),
    Target("100 rows as argument, to serde structs", "rows-argument", "cpu", 90 * MICROSECOND),
    Target("`monty-host run -c '1+1'`, a whole process", "process", "wall", 12 * MILLISECOND),
    Target("First start on a machine, component compiled", "first-start", "wall", 2500 * MILLISECOND),
]

# Of the CPU time that the interpreter takes natively.
FIB_TO_NATIVE = 1.2
PROGRAMS_TO_NATIVE = 1.25
# How much faster two workers are than one.
TWO_WORKERS = 1.9
# Bytes.
SIZES = {"component": 8.5e6, "component, compressed": 2.8e6, "command, stripped": 24e6}


def scale(results):
    """How much longer this machine takes."""
    ratios = [results[name]["pool"]["cpu"][0] / (1e6 * ms) for name, ms in POOL_MS.items()]
    return statistics.geometric_mean(ratios) * 1e6 * POOL_MS["fib"] / POOL_FIB_NS

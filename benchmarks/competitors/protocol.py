"""What a Python program that is measured says to `compare`: runner/src/lib.rs."""

import sys
import time


class Absent(Exception):
    """This program has no such row."""


class Timed:
    """What a row came to, where not all of its time counts."""

    def __init__(self, value, nanoseconds):
        self.value = value
        self.nanoseconds = nanoseconds


def serve(open_row):
    """Answers lines from standard input until it ends.

    `open_row(row)` returns a function that runs the row a number of times and
    returns what the last came to, or raises `Absent`.
    """
    row = None
    for line in sys.stdin:
        command, _, rest = line.rstrip("\n").partition(" ")
        try:
            match command:
                case "open":
                    row = None
                    row = open_row(rest)
                    answer = "ok"
                case "run":
                    answer = measure(row, int(rest))
                case _:
                    answer = f"error unknown line `{line.strip()}`"
        except Absent as absent:
            answer = f"absent {absent}"
        except Exception as error:
            answer = "error " + f"{type(error).__name__}: {error}".replace("\n", "; ")
        print(answer, flush=True)


def measure(row, count):
    if row is None:
        raise RuntimeError("no row is open")
    started = time.perf_counter_ns()
    value = row(count)
    elapsed = time.perf_counter_ns() - started
    if isinstance(value, Timed):
        value, elapsed = value.value, value.nanoseconds
    return f"{elapsed} {value!r}"

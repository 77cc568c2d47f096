"""Tables, for the terminal and for docs/benchmarks.md."""

import datetime
import math
import os
import platform
import re
import subprocess
from pathlib import Path

from . import profile, targets
from .build import POOL_VERSION, ROOT
from .measure import PROCESSES
from .rows import BASES, HERE, PROGRAMS, ROWS

PAGE = ROOT / "docs/benchmarks.md"
# Written by hand, and taken into the page.
NOTES = HERE / "notes.md"
# Before anything is built or measured.
LOAD = os.getloadavg()[0]
COMPETITORS = ["monty-host", "native", "pool", "cpython"]


def nanoseconds(value):
    """A time with three digits and its unit."""
    for unit, size in [("s", 1e9), ("ms", 1e6), ("µs", 1e3)]:
        if abs(value) >= size:
            return f"{significant(value / size)} {unit}"
    return f"{value:.0f} ns"


def size(value):
    for unit, least in [("MB", 1e6), ("kB", 1e3)]:
        if value >= least:
            return f"{significant(value / least)} {unit}"
    return f"{value:.0f} B"


def significant(value):
    return f"{value:.{max(0, 2 - int(math.log10(abs(value))))}f}"


def programs_of(results):
    return {name: results[name] for name in PROGRAMS if name in results}


def to_native(row, competitor):
    return row[competitor]["cpu"][0] / row["native"]["cpu"][0]


def geometric_mean(programs, competitor):
    ratios = [to_native(row, competitor) for row in programs.values()]
    return math.exp(sum(map(math.log, ratios)) / len(ratios))


def terminal(results):
    """What is shown where nothing is written."""
    competitors = list(dict.fromkeys(name for row in results.values() for name in row))
    lines = [["", *competitors]]
    for name, row in results.items():
        lines.append([name, *[cell(row.get(each)) for each in competitors]])
    programs = programs_of(results)
    if programs and "native" in competitors:
        for name, row in programs.items():
            ratios = [f"{to_native(row, each):.2f}" for each in competitors]
            lines.append([f"{name}, native = 1", *ratios])
        means = [f"{geometric_mean(programs, each):.3f}" for each in competitors]
        lines.append(["geometric mean", *means])
    widths = [max(len(line[column]) for line in lines) for column in range(len(lines[0]))]
    text = ["  ".join(part.ljust(width) for part, width in zip(line, widths)) for line in lines]
    return "\n".join(["CPU time, minimum and median", *[line.rstrip() for line in text]])


def cell(figures):
    if figures is None:
        return "-"
    if "bytes" in figures:
        return size(figures["bytes"])
    least, median = figures.get("cpu", figures["wall"])
    return f"{nanoseconds(least)}, {nanoseconds(median)}"


def write(results, processes, profiles, sizes, rounds):
    """Writes docs/benchmarks.md."""
    parts = [
        "# Benchmarks",
        "monty-host, the interpreter compiled natively, upstream's pool of native processes "
        "and CPython, side by side in one run, each row in all of them in turns. "
        "`just bench-compare` measures it again and writes this page, with "
        "`benchmarks/notes.md` in it.",
        "## Where and what",
        machine(),
        limits(),
        "## Targets",
        target_table(results, processes, sizes),
        "## Side by side",
        f"The time on the wall of one operation, minimum of {rounds} rounds in {PROCESSES} processes "
        "one after the other. A dash: there is no such thing. *native* is the interpreter alone, linked into a program: nothing is isolated, "
        "nothing crosses to another side, and a suspended script is not signed. Nor is it in the "
        "pool, where a suspended script and a parked session are loaded into the worker that is "
        "free. In CPython, a call is a call.",
        wall_table(results, processes),
        "## Python",
        "CPU time of whole programs ([`benchmarks/programs`](../benchmarks/programs)), minima, "
        "the native interpreter = 1. Each run is in a fresh instance and compiles its source.",
        program_table(results),
        "## Memory and sizes",
        memory_table(results),
        size_table(sizes),
        "## Where the time goes",
        "The CPU time of one operation in monty-host, by what was running when perf looked, "
        f"{profile.FREQUENCY:,} times in a second. The rows have the names that `just bench-profile` "
        "takes; a loop around calls is a part of their time. *guest* is the interpreter, compiled "
        "by wasmtime. The other threads make instances ready and clear them. These are means, where "
        "the other tables have minima, and perf takes time itself: it is the shares that count.",
        profile_table(profiles),
        NOTES.read_text().strip(),
        "## All figures",
        f"Minimum and median of {rounds} rounds in {PROCESSES} processes; the rows have the names "
        "that `just bench` takes. "
        "CPU time is that of all threads of a process and of its workers, in user code and in the kernel.",
        full_table(results, processes),
    ]
    PAGE.write_text("\n\n".join(parts) + "\n")


def machine():
    return table(["", ""], list(facts().items()))


def facts():
    """Where and what is measured."""
    system = platform.freedesktop_os_release().get("PRETTY_NAME", platform.system())
    model = re.search(r"model name\s*: (.*)", Path("/proc/cpuinfo").read_text())
    lock = (ROOT / "Cargo.lock").read_text()
    wasmtime = re.search(r'name = "wasmtime"\nversion = "(.*)"', lock)[1]
    guest = re.search(r'channel = "(.*)"', (ROOT / "guest-component/rust-toolchain.toml").read_text())[1]
    rustc = subprocess.run(["rustc", "--version"], check=True, capture_output=True, text=True)
    head = ["git", "describe", "--always", "--dirty", "--exclude", "*"]
    commit = subprocess.run(head, check=True, capture_output=True, text=True, cwd=ROOT)
    return {
        "date": datetime.date.today().isoformat(),
        "commit": commit.stdout.strip(),
        "processor": f"{model[1] if model else platform.machine()}, {os.cpu_count()} cores",
        "system": f"{system}, Linux {platform.release()}",
        "load before the run": f"{LOAD:.1f}",
        "monty-host": f"Rust {rustc.stdout.split()[1]}, wasmtime {wasmtime}",
        "component": f"Rust {guest}, Monty {POOL_VERSION} with `monty.patch`, as committed",
        "native": "the same sources, toolchain and release profile, not profile-guided; `monty-alloc` "
        "on the system's allocator",
        "pool": f"`pydantic-monty` {POOL_VERSION} from PyPI",
        "CPython": platform.python_version(),
    }


def limits():
    return (
        "The limits that are on in each:\n\n"
        + table(
            ["", "limits"],
            [
                ("monty-host", "all defaults, in every row: [what they are](limits.md)"),
                ("native", "5 s, 128 MiB, depth 1000: those that the interpreter checks"),
                (
                    "pool",
                    "the same three, 10 000 calls, and the pool's own end of workers that hang",
                ),
                ("CPython", "none"),
            ],
        )
    )


def target_table(results, processes, sizes):
    everything = {**results, **processes}
    slower = targets.scale(results)
    lines = []
    for target in targets.TIMES:
        found = everything[target.row]["monty-host"][target.figure][0]
        lines.append(target_line(target.title, found, target.most_ns * slower, nanoseconds))
    for title, row in [
        ("Speed of two workers, one = 1", "spawned"),
        ("The same where each run makes its own instance", "spawned-own"),
    ]:
        speedup = one_to_two(results, row)
        met = "yes" if speedup >= targets.TWO_WORKERS else "**no**"
        lines.append((title, f"{speedup:.2f}", f"≥ {targets.TWO_WORKERS}", "", met))
    native = lambda value: f"{value:.2f} × native"
    fib = to_native(results["fib"], "monty-host")
    mean = geometric_mean(programs_of(results), "monty-host")
    lines.append(target_line("`fib(27)`", fib, targets.FIB_TO_NATIVE, native))
    lines.append(target_line("Geometric mean of the programs", mean, targets.PROGRAMS_TO_NATIVE, native))
    for name, most in targets.SIZES.items():
        lines.append(target_line(f"Size of the {name}", sizes[name], most, size))
    text = (
        "Times were set on a machine where the pool, whose binary is the same everywhere, takes "
        f"{nanoseconds(targets.POOL_FIB_NS)} for `fib(27)`. By all of its programs, this run is "
        f"{slower:.2f} times as slow, so targets are as much longer here "
        "(`benchmarks/comparison/targets.py` has the calculation). Minima."
    )
    return f"{text}\n\n" + table(["", "monty-host", "target", "of the target", "met"], lines)


def target_line(title, found, most, show):
    met = "yes" if found <= most else "**no**"
    return (title, show(found), f"≤ {show(most)}", f"{found / most:.2f}", met)


def one_to_two(results, row):
    wall = lambda workers: results[f"{row}-{workers}"]["monty-host"]["wall"][0]
    return wall(1) / wall(2)


def wall_table(results, processes):
    titles = {row.name: row.title for row in ROWS if row.group in ("runs", "calls")}
    titles = {name: title for name, title in titles.items() if name not in BASES}
    titles["process"] = "A whole process that runs `1+1` (`monty-host run -c`, `monty -c`, `python3 -c`)"
    titles["first-start"] = "The same, first on a machine: the component is compiled"
    everything = {**results, **processes}
    return competitor_table(
        [
            (title, [show_wall(everything[name].get(each)) for each in COMPETITORS])
            for name, title in titles.items()
        ]
    )


def show_wall(figures):
    return "–" if figures is None else nanoseconds(figures["wall"][0])


def program_table(results):
    titles = {row.name: row.title for row in ROWS}
    programs = programs_of(results)
    lines = []
    for name, row in programs.items():
        cells = [
            f"{to_native(row, each):.2f}" if each != "native" else nanoseconds(row[each]["cpu"][0])
            for each in COMPETITORS
        ]
        lines.append((titles[name], cells))
    means = [
        f"**{geometric_mean(programs, each):.2f}**" if each != "native" else "1"
        for each in COMPETITORS
    ]
    lines.append(("geometric mean", means))
    return competitor_table(lines)


def memory_table(results):
    rows = [row for row in ROWS if row.sessions and row.name in results]
    show = lambda figures: "–" if figures is None else size(figures["bytes"])
    lines = [(row.title, [show(results[row.name].get(each)) for each in COMPETITORS]) for row in rows]
    return (
        "Memory that a session with one small function adds to the process: its resident size "
        "divided by the number of sessions. In the pool, a live session holds a worker: what "
        "that shares with no other process.\n\n" + competitor_table(lines)
    )


def size_table(sizes):
    return table(["", "size"], [(name, size(value)) for name, value in sizes.items()])


def profile_table(profiles):
    lines = []
    for name, parts in profiles.items():
        cells = [nanoseconds(parts.get(column, 0)) for column in profile.COLUMNS]
        lines.append((f"`{name}`", nanoseconds(sum(parts.values())), *cells))
    return table(["", "in all", *profile.COLUMNS], lines)


def full_table(results, processes):
    lines = []
    for name, row in {**results, **processes}.items():
        for competitor, figures in row.items():
            if "bytes" not in figures:
                show = lambda times: [nanoseconds(time) for time in times] if times else ["–", "–"]
                cells = [*show(figures.get("cpu")), *show(figures["wall"])]
                lines.append((f"`{name}`", competitor, *cells))
    head = ["", "", "CPU, min.", "CPU, median", "wall, min.", "wall, median"]
    return table(head, lines)


def competitor_table(lines):
    return table(["", *COMPETITORS], [(title, *cells) for title, cells in lines])


def table(head, lines):
    rule = ["---" for _ in head]
    return "\n".join("| " + " | ".join(line) + " |" for line in [head, rule, *lines])

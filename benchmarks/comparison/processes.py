"""Whole processes, and sizes."""

import os
import shutil
import subprocess
import sys
import tempfile
import time
from pathlib import Path

from .build import POOL, ROOT, TARGET
from .measure import Samples

COMMAND = TARGET / "release/monty-host"
COMPONENT = ROOT / "host/component/monty.wasm"


def compare(rounds):
    """Processes that run `1 + 1` and end."""
    commands = {
        "monty-host": [COMMAND, "run", "-c", "1+1"],
        "pool": [POOL / "bin/monty", "-c", "1+1"],
        "cpython": [sys.executable, "-c", "1+1"],
    }
    samples = {name: Samples() for name in commands}
    for command in commands.values():
        run(command)
    for _ in range(rounds):
        for name, command in commands.items():
            add(samples[name], command)
    results = {"process": {name: each.figures() for name, each in samples.items()}}

    first = Samples()
    for _ in range(min(rounds, 3)):
        with tempfile.TemporaryDirectory() as empty:
            add(first, commands["monty-host"], {**os.environ, "XDG_CACHE_HOME": empty})
    results["first-start"] = {"monty-host": first.figures()}
    return results


def add(samples, command, environment=None):
    wall, cpu = run(command, environment)
    samples.wall.append(wall)
    samples.cpu.append(cpu)


def run(command, environment=None):
    """Nanoseconds on the wall and of processors."""
    started = time.perf_counter_ns()
    # The pool's command prints on both.
    none = subprocess.DEVNULL
    process = subprocess.Popen(command, env=environment, stdout=none, stderr=none)
    _, status, usage = os.wait4(process.pid, 0)
    elapsed = time.perf_counter_ns() - started
    process.returncode = os.waitstatus_to_exitcode(status)
    if process.returncode != 0:
        raise RuntimeError(f"{command[0]} ended with {process.returncode}")
    return elapsed, round((usage.ru_utime + usage.ru_stime) * 1e9)


def sizes():
    """Bytes of what is shipped."""
    with tempfile.TemporaryDirectory() as folder:
        stripped = Path(folder, "monty-host")
        shutil.copy(COMMAND, stripped)
        subprocess.run(["strip", stripped], check=True)
        command = stripped.stat().st_size
    return {
        "component": COMPONENT.stat().st_size,
        "component, compressed": COMPONENT.with_suffix(".wasm.zst").stat().st_size,
        "command, stripped": command,
        "pool's binary": (POOL / "bin/monty").stat().st_size,
    }

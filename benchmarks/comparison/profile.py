"""Where the time of monty-host's rows goes.

Samples the processor's time with perf (`apt-get install linux-perf`), and divides it by
what was running: compiled WebAssembly, the kernel, or code of the host.
"""

import shutil
import signal
import subprocess
import tempfile
import time
from pathlib import Path

from .measure import SAMPLE_NS, Competitor

# What the page has.
PROFILED = [
    "fresh",
    "live",
    "spawned-own-2",
    "parked",
    "suspended",
    "call",
    "rows-answer",
    "rows-answer-value",
    "rows-argument",
]
SECONDS = 4
# Samples in a second: several thousand in all, so that a part of 1 % is no chance.
FREQUENCY = 5000

# The part of a function, by the first of these that its name has.
PARTS = [
    ("guest", ["wasm[", "array_to_wasm", "wasm_to_array"]),
    ("wasmtime", ["wasmtime"]),
    ("monty-host", ["monty_", "host_benchmarks"]),
    ("copies, allocation", ["memmove", "memcpy", "memset", "memcmp", "malloc", "free", "alloc"]),
]
COLUMNS = ["guest", "wasmtime", "monty-host", "copies, allocation", "other", "kernel", "other threads"]


def check():
    if not shutil.which("perf"):
        raise RuntimeError("a profile takes perf (`apt-get install linux-perf`)")


def compare(command, chosen):
    """The nanoseconds of an operation of each row in each part."""
    with tempfile.TemporaryDirectory() as folder:
        return {row.name: profile(command, row, Path(folder, "perf.data")) for row in chosen}


def profile(command, row, data):
    runner = Competitor(command)
    if not runner.open(row.opens):
        raise RuntimeError(f"no row `{row.name}`")
    runner.run(1)
    elapsed, _, _ = runner.run(1)
    iterations = row.iterations or max(1, round(SAMPLE_NS / elapsed))
    pid = str(runner.process.pid)
    perf = ["perf", "record", "--quiet", "-e", "cpu-clock", "-F", str(FREQUENCY), "-p", pid, "-o", data]
    recorder = subprocess.Popen(perf)
    time.sleep(0.5)
    cpu = turns = 0
    end = time.monotonic() + SECONDS
    while time.monotonic() < end:
        # A session gets slower with each piece of code.
        runner.open(row.opens)
        cpu += runner.run(iterations)[1]
        turns += 1
    recorder.send_signal(signal.SIGINT)
    recorder.wait()
    main_thread = Path(f"/proc/{pid}/comm").read_text().strip()
    runner.close()
    counts = {}
    for samples, thread, shared_object, symbol in samples_of(data):
        # Workers do what the main thread of other rows does.
        is_main = thread == main_thread or thread.startswith("tokio")
        name = part(shared_object, symbol) if is_main else "other threads"
        counts[name] = counts.get(name, 0) + samples
    a_sample = cpu / sum(counts.values()) / (turns * iterations * row.per)
    return {name: count * a_sample for name, count in counts.items()}


def samples_of(data):
    """The number of samples of each thread in each function of each file."""
    report = ["perf", "report", "--stdio", "-i", data, "-g", "none", "-n", "-t", "|", "--sort", "comm,dso,symbol"]
    done = subprocess.run(report, check=True, capture_output=True, text=True)
    for line in done.stdout.splitlines():
        fields = [field.strip() for field in line.split("|", 4)]
        if len(fields) == 5 and fields[1].isdigit():
            yield int(fields[1]), *fields[2:]


def part(shared_object, symbol):
    if symbol.startswith("[k]"):
        return "kernel"
    for name, words in PARTS:
        if any(word in symbol for word in words):
            return name
    # Some of the compiled code is of no function.
    return "guest" if "cwasm" in shared_object else "other"

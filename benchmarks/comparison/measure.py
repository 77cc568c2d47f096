"""Runs rows in competitors in turns."""

import statistics
import subprocess
import time
from dataclasses import dataclass, field
from pathlib import Path

# How long a sample is at least, so that what a request to a competitor costs does
# not show in it.
SAMPLE_NS = 30_000_000

# How many processes share the rounds of a row. The same program may take a third longer
# in one process than in the next, and a machine that others share may take twice as long
# for a minute: the processes follow each other, which spreads a row's rounds over the run.
PROCESSES = 9


@dataclass
class Samples:
    """Nanoseconds of an operation in each round."""

    wall: list = field(default_factory=list)
    cpu: list = field(default_factory=list)

    def extend(self, other):
        self.wall += other.wall
        self.cpu += other.cpu

    def take_off(self, other):
        """Without what the same round took for another row."""
        pairs = lambda mine, others: [a - b for a, b in zip(mine, others)]
        return Samples(pairs(self.wall, other.wall), pairs(self.cpu, other.cpu))

    def per(self, operations):
        scale = lambda times: [time / operations for time in times]
        return Samples(scale(self.wall), scale(self.cpu))

    def figures(self):
        """Minima and medians."""
        return {
            "wall": (min(self.wall), statistics.median(self.wall)),
            "cpu": (min(self.cpu), statistics.median(self.cpu)),
        }


class Competitor:
    """A process that runs rows."""

    def __init__(self, command):
        self.process = subprocess.Popen(
            command, stdin=subprocess.PIPE, stdout=subprocess.PIPE, text=True
        )

    def ask(self, line):
        try:
            self.process.stdin.write(line + "\n")
            self.process.stdin.flush()
            answer = self.process.stdout.readline().rstrip("\n")
        except BrokenPipeError:
            answer = ""
        if not answer or answer.startswith("error "):
            raise RuntimeError(f"`{line}` in {self.process.args[0]}: {answer or 'it ended'}")
        return answer

    def open(self, row):
        """Whether it has the row."""
        return self.ask(f"open {row}") == "ok"

    def run(self, iterations):
        """The time on the wall, that of processors and the answer."""
        before = self.cpu_ns()
        elapsed, _, answer = self.ask(f"run {iterations}").partition(" ")
        return int(elapsed), self.cpu_ns() - before, answer

    def cpu_ns(self):
        return sum(cpu_ns(pid) for pid in family(self.process.pid))

    def close(self):
        self.process.stdin.close()
        self.process.wait()


def cpu_ns(pid):
    """The time that all threads of a process took, ended ones too: its CPU clock
    (clock_getcpuclockid(3))."""
    try:
        return time.clock_gettime_ns((~pid << 3) | 2)
    except OSError:
        return 0


def family(pid):
    """A process and those it started."""
    yield pid
    for children in Path(f"/proc/{pid}/task").glob("*/children"):
        try:
            started = children.read_text().split()
        except OSError:
            # The thread has just ended.
            continue
        for child in started:
            yield from family(int(child))


def compare(commands, chosen, rounds):
    """The figures of each row in each competitor that has it."""
    samples = {row.name: {} for row in chosen}
    timed = [row for row in chosen if not row.sessions]
    processes = min(PROCESSES, rounds)
    for process in range(processes):
        competitors = {name: Competitor(command) for name, command in commands.items()}
        share = (rounds + process) // processes
        for row in timed:
            for name, measured in measure(row, competitors, share).items():
                samples[row.name].setdefault(name, Samples()).extend(measured)
            progress(row, samples[row.name])
        for competitor in competitors.values():
            competitor.close()
    for row in chosen:
        if row.sessions:
            samples[row.name] = measure_memory(row, commands)
            progress(row, samples[row.name])
    return {row.name: figures(row, samples) for row in chosen}


def progress(row, samples):
    fastest = {name: min(each.cpu or each.wall) / row.per for name, each in samples.items()}
    print(row.name, *[f"{name} {value:,.0f}" for name, value in fastest.items()], flush=True)


def measure_memory(row, commands):
    """In processes of their own, which have freed nothing that could be used again."""
    samples = {}
    for name, command in commands.items():
        competitor = Competitor(command)
        if competitor.open(row.opens):
            samples[name] = Samples(wall=[int(competitor.run(row.sessions)[2])])
        competitor.close()
    return samples


def measure(row, competitors, rounds):
    having = {name: each for name, each in competitors.items() if each.open(row.opens)}
    samples = {name: Samples() for name in having}
    iterations, answers = {}, {}
    for name, competitor in having.items():
        competitor.run(1)
        elapsed, _, answers[name] = competitor.run(1)
        iterations[name] = row.iterations or max(1, round(SAMPLE_NS / elapsed))
    if len(set(answers.values())) > 1:
        raise RuntimeError(f"`{row.name}` does not come to the same: {answers}")
    for turn in range(rounds):
        names = list(having)
        # Each goes first in its turn, so that none always follows the same.
        for name in names[turn % len(names) :] + names[: turn % len(names)]:
            wall, cpu, _ = having[name].run(iterations[name])
            samples[name].wall.append(wall / iterations[name])
            samples[name].cpu.append(cpu / iterations[name])
    return samples


def figures(row, samples):
    found = {}
    for name, each in samples[row.name].items():
        if row.sessions:
            found[name] = {"bytes": each.wall[0]}
            continue
        if row.minus:
            each = each.take_off(samples[row.minus][name])
        found[name] = each.per(row.per).figures()
        if row.wall_only:
            del found[name]["cpu"]
    return found

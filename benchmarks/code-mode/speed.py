"""Times of code mode, from the rows of `benchmarks/compare`."""

from comparison.measure import Competitor, Samples
from comparison.rows import ROWS

# Short, so that some are not disturbed on a machine that does other things too, and long
# enough for what other threads do for them to fall into the same sample.
SAMPLE_NS = 20_000_000


# Compared with each other: nothing else runs between them, which would leave the caches
# cold for the first.
COMPARED = ["ten-calls", "code-mode-calls"]
# With the tools of the data set, in place of those that a row makes up.
OF_TOOLS = ["schema-tools", "catalogue", "tool-index", "search"]


def measure(command, tools, rounds):
    """Minima and medians of each row, each in a process of its own."""
    opens = {row.name: row.opens for row in ROWS}
    compared = {name: opens[name] for name in COMPARED}
    figures = in_turns(command, compared, rounds)
    for name in OF_TOOLS:
        figures |= in_turns(command, {name: f"{opens[name]} {tools}"}, rounds // 10)
    return figures


def in_turns(command, opens, rounds):
    """Rows in turns, each first as often as the others."""
    running = {name: Competitor(command) for name in opens}
    iterations = {}
    for name, competitor in running.items():
        if not competitor.open(opens[name]):
            raise RuntimeError(f"no row `{name}`")
        competitor.run(50)
        elapsed, _, _ = competitor.run(50)
        iterations[name] = max(1, round(50 * SAMPLE_NS / elapsed))
    samples = {name: Samples() for name in running}
    names = list(running)
    for turn in range(rounds):
        for name in names[turn % len(names) :] + names[: turn % len(names)]:
            wall, cpu, _ = running[name].run(iterations[name])
            samples[name].wall.append(wall / iterations[name])
            samples[name].cpu.append(cpu / iterations[name])
    for competitor in running.values():
        competitor.close()
    return {name: each.figures() for name, each in samples.items()}

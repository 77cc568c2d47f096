"""Times of code mode, from the rows of `benchmarks/compare`."""

from comparison.measure import Competitor, Samples
from comparison.rows import ROWS

# Short, so that some are not disturbed on a machine that does other things too.
SAMPLE_NS = 2_000_000


def measure(command, tools, rounds):
    """Minima and medians of each row, all rows in turns: in a process of its own each, so
    that what a machine does besides is the same for all."""
    opens = {row.name: row.opens for row in ROWS if row.group == "code-mode"}
    # The tools of the data set, in place of those that a row makes up.
    for name in ("schema-tools", "catalogue", "tool-index", "search"):
        opens[name] += f" {tools}"
    running = {name: Competitor(command) for name in opens}
    iterations = {}
    for name, competitor in running.items():
        if not competitor.open(opens[name]):
            raise RuntimeError(f"no row `{name}`")
        competitor.run(3)
        elapsed, _, _ = competitor.run(1)
        iterations[name] = max(1, round(SAMPLE_NS / elapsed))
    samples = {name: Samples() for name in running}
    for _ in range(rounds):
        for name, competitor in running.items():
            wall, cpu, _ = competitor.run(iterations[name])
            samples[name].wall.append(wall / iterations[name])
            samples[name].cpu.append(cpu / iterations[name])
    for competitor in running.values():
        competitor.close()
    return {name: each.figures() for name, each in samples.items()}

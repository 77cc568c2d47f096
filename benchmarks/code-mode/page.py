"""Writes docs/code-mode-benchmark.md."""

import re
from collections import Counter
from pathlib import Path

from comparison.build import ROOT
from comparison.page import facts, nanoseconds, table

PAGE = ROOT / "docs/code-mode-benchmark.md"
# Written by hand, and taken into the page.
HERE = Path(__file__).resolve().parent
RULES = HERE / "rules.md"
NOTES = HERE / "notes.md"

# Of those of the other page.
FACTS = ["date", "commit", "processor", "system", "load before the run", "monty-host", "component", "CPython"]

# The rows of the tables of tokens, in their order: what makes the calls, and what a model
# knows of the tools.
WAYS = {
    ("single", None): "direct, one call a turn",
    ("batched", None): "direct, in parallel",
    ("cautious", "listed"): "scripts, cautious",
    ("chaining", "listed"): "scripts, chaining",
    ("cautious", "documented"): "scripts, cautious, documentation read",
    ("cautious", "whole"): "scripts, cautious, all signatures listed",
}
COMPARED = ("batched", None)
MOST_TOOLS = 450

# Of `CodeMode::call`, to that of the script alone.
MOST_OVERHEAD = 0.2
MILLISECOND = 1e6
TARGETS = {"catalogue": 20 * MILLISECOND, "search": 1 * MILLISECOND}


def write(sets, replays, times, rounds):
    counted = [each for each in replays["sets"] if each["turns"]]
    parts = [
        "# Code mode and direct calls",
        "Ground truth of public data sets, replayed without a model: the same calls of the same "
        "tools, once as direct tool calls and once as the scripts of code mode, against the data "
        "sets' own implementations. `just bench-code-mode` does it again and writes this page; the "
        "rules and the reading are `benchmarks/code-mode/rules.md` and `notes.md`.",
        "## Where and what",
        versions(),
        RULES.read_text().strip(),
        "## The same calls, the same state",
        replay_table(replays["sets"]),
        exceptions(replays),
        NOTES.read_text().strip(),
        "## Tokens of a task",
        "Means of the tasks of a set. In brackets: the part of what direct calls in parallel take. "
        "The last two columns count the tasks that take less input than those.",
        *[part for each in counted for part in (f"### {each['name']}", token_table(each))],
        "## Tokens of a message of the user, by its calls",
        "Means, without the descriptions of tools, and without what is looked up of them. Model "
        "turns are with the answer to the user.",
        *[part for each in counted for part in (f"### {each['name']}", turn_table(each))],
        "## Search",
        search_table(counted),
        "## Speed",
        speed_table(times, sets, rounds),
    ]
    PAGE.write_text("\n\n".join(parts) + "\n")


def versions():
    pinned = re.findall(r"^(\S+)==(\S+)", (HERE / "requirements.txt").read_text(), re.MULTILINE)
    lock = (HERE.parent / "Cargo.lock").read_text()
    counter = re.search(r'name = "tiktoken-rs"\nversion = "(.*)"', lock)[1]
    known = {name: fact for name, fact in facts().items() if name in FACTS}
    lines = [*known.items(), *pinned, ("tokens", f"`o200k_base`, tiktoken-rs {counter}")]
    return table(["", ""], lines)


def replay_table(sets):
    lines = []
    for each in sets:
        different = {task for task, _, _ in each["differences"]}
        same = f"{each['tasks'] - len(different)} of {each['tasks']}"
        numbers = [each["user_turns"], each["calls"], each["chained"], each["cut"]]
        lines.append((each["name"], *map(str, numbers), same))
    head = ["", "messages", "calls", "chained arguments", "results cut", "tasks with the same calls and state"]
    return table(head, lines)


def exceptions(replays):
    lines = ["What is not the same, and why:\n"]
    for each in replays["sets"]:
        errors = {(one["task"], one["script"]): one["error"] for one in each["problems"]}
        for (task, script), error in errors.items():
            lines.append(f"- `{task}`: `{script}` raises `{error}`")
        explained = {task for task, _ in errors}
        for task, side, difference in each["differences"]:
            if task not in explained:
                lines.append(f"- `{task}`, {side}: {difference[:200]}")
    names = ", ".join(f"`{name}`" for name in replays["misfits"])
    lines.append(
        f"\n{len(replays['misfits'])} tools return what their own schema does not allow, such as nothing "
        f"where it promises a dict. They are declared without it: {names}."
    )
    return "\n".join(lines)


def token_table(each):
    tasks = each["tasks"]
    found = {(one["size"], one["way"], one["catalogue"]): one for one in each["totals"]}
    lines = []
    for size in sorted({size for size, _, _ in found}):
        compared = found[size, *COMPARED]
        listed = found[size, "cautious", "listed"]
        for (way, catalogue), title in WAYS.items():
            one = found[size, way, catalogue]
            if catalogue == "whole" and one["descriptions"] == listed["descriptions"]:
                continue
            cells = [f"{one['model_turns'] / tasks:.1f}"]
            cells += [f"{one[key] / tasks:,.0f}" for key in ("descriptions", "output", "results")]
            for key in ("input_once", "input_resent"):
                cells.append(f"{one[key] / tasks:,.0f} ({one[key] / compared[key]:.2f})")
            less = [f"{one[key] * 100 / tasks:.0f} %" for key in ("less_once", "less_resent")]
            lines.append((str(size), title, *cells, *(less if catalogue else ["", ""])))
    head = [
        "tools",
        "",
        "model turns",
        "descriptions",
        "output",
        "results",
        "input, each text once",
        "input, resent each turn",
        "less, once",
        "less, resent",
    ]
    return table(head, lines)


def turn_table(each):
    found = {}
    for one in each["turns"]:
        if one["calls"]:
            # What few messages have is together.
            key = min(one["calls"], 4), one["way"]
            known = found.setdefault(key, Counter())
            known.update({key: one[key] for key in ("user_turns", "model_turns", "output", "results")})
    lines = []
    for calls in sorted({calls for calls, _ in found}):
        for way, title in WAYS.items():
            if way[1] in (None, "listed"):
                one = found[calls, way[0]]
                cells = [one[key] / one["user_turns"] for key in ("model_turns", "output", "results")]
                shown = [f"{cells[0]:.1f}", f"{cells[1]:,.0f}", f"{cells[2]:,.0f}"]
                number = f"{calls} or more" if calls == 4 else str(calls)
                lines.append((number, str(one["user_turns"]), title, *shown))
    return table(["calls", "messages", "", "model turns", "output", "results"], lines)


def search_table(sets):
    lines = []
    for each in sets:
        for size, one in each["searches"].items():
            if one["tools"]:
                missed = Counter(one["missed"])
                names = ", ".join(f"`{name}` ({times})" for name, times in missed.items())
                found = one["tools"] - len(one["missed"])
                parts = [f"{part / one['tools']:.0%}" for part in (found, one["by_message"])]
                lines.append((each["name"], size, str(one["tools"]), *parts, names))
    return (
        "Tools that the description does not list, and that are looked for by the words of their "
        "names: how many are among the first five. That is a model that knows what it looks for; for "
        "comparison, how many the whole message of the user finds, which is the worst to search with. "
        "The second search that a miss takes is not counted.\n\n"
        + table(["", "tools", "searches", "found by name", "by message", "not found by name"], lines)
    )


def speed_table(times, sets, rounds):
    cpu = {name: figures["cpu"][0] for name, figures in times.items()}
    wall = {name: figures["wall"][0] for name, figures in times.items()}
    overhead = lambda figures: figures["code-mode-calls"] / figures["ten-calls"] - 1
    titles = {
        "ten-calls": "`Script::run`, a script that calls a tool 10 times",
        "code-mode-calls": "`CodeMode::call` with the same script",
        "schema-tools": "Tools made of their JSON Schemas",
        "catalogue": "The toolbox and the catalogue of them",
        "tool-index": "The index of their words",
        "search": "A search in it, with the signatures of 10 tools",
    }
    lines = []
    for name, title in titles.items():
        most = TARGETS.get(name)
        target = f"≤ {nanoseconds(most)}" if most else ""
        met = ("yes" if wall[name] <= most else "**no**") if most else ""
        lines.append((title, nanoseconds(cpu[name]), nanoseconds(wall[name]), target, met))
        if name == "code-mode-calls":
            met = "yes" if overhead(wall) <= MOST_OVERHEAD else "**no**"
            shown = [f"{overhead(figures):.0%}" for figures in (cpu, wall)]
            lines.append(("What that takes more", *shown, f"≤ {MOST_OVERHEAD:.0%}", met))
    tools = min(MOST_TOOLS, len(sets["others"]))
    return (
        f"With {tools} tools of BFCL's live multiple tasks. Minima of {rounds} rounds, the rows in "
        "turns. CPU time is that of the whole process, with the threads that make instances ready; targets "
        "are for the wall. `just bench code-mode` measures the rows "
        "with tools that it makes up.\n\n" + table(["", "CPU", "wall", "target", "met"], lines)
    )

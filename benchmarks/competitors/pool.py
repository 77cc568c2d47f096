"""The rows of `compare` in upstream's pool of native processes, `pydantic-monty`,
under the limits that `monty-host` sets by default."""

import asyncio
import os
import time

import pydantic_monty
from pydantic_monty import AsyncMonty, CollectString, Monty, MountDir

from protocol import Absent, Timed, serve

LIMITS = {
    "max_feed_duration_secs": 5,
    "max_memory": 128 << 20,
    "max_recursion_depth": 1000,
    "max_suspensions": 10_000,
}

ROWS = [
    {"id": n, "name": f"product {n}", "price": 9.5 + n, "active": n % 2 == 0, "tags": ["new", "sale"]}
    for n in range(100)
]


async def add_later(a, b):
    return a + b


TOOLS = {
    "add": lambda a, b: a + b,
    "rows": lambda: ROWS,
    "rows_value": lambda: ROWS,
    "take": lambda rows: None,
    "take_value": lambda rows: None,
}

pool = Monty(min_processes=2, max_processes=2)
pool.__enter__()


def program(source):
    """Each iteration in a session of its own."""

    def iterations(count):
        for _ in range(count):
            with pool.checkout(limits=LIMITS) as session:
                value = session.feed_run(source)
        return value

    return iterations


def work():
    """Something else, after which a worker is ready."""
    started = time.perf_counter_ns()
    while time.perf_counter_ns() - started < 200_000:
        pass


def pause():
    time.sleep(0.002)


def first_result(before):
    """From a request to its result. What goes before and what follows does not count."""

    def iterations(count):
        elapsed = 0
        for _ in range(count):
            before()
            started = time.perf_counter_ns()
            with pool.checkout(limits=LIMITS) as session:
                value = session.feed_run("1 + 1")
                elapsed += time.perf_counter_ns() - started
        return Timed(value, elapsed)

    return iterations


def script(source):
    """Programs that use tools and files."""
    if "add_later" in source:
        return script_async(source)
    mount = MountDir(host_path=os.environ["BENCHMARK_DATA"], virtual_path="/data", mode="read-only")

    def iterations(count):
        for _ in range(count):
            with pool.checkout(limits=LIMITS) as session:
                value = session.feed_run(
                    source, external_lookup=TOOLS, mount=mount, print_callback=CollectString()
                )
        return value

    return iterations


def script_async(source):
    tools = {"add_later": add_later}

    async def one(pool):
        async with pool.checkout(limits=LIMITS) as session:
            return await session.feed_run(source, external_lookup=tools)

    return in_loop(1, one)


def in_loop(processes, one):
    """Iterations in an event loop and a pool that stay."""
    loop = asyncio.new_event_loop()
    pool = AsyncMonty(min_processes=processes, max_processes=processes)

    async def enter():
        return await pool.__aenter__()

    loop.run_until_complete(enter())

    async def run(count):
        for _ in range(count):
            value = await one(pool)
        return value

    return lambda count: loop.run_until_complete(run(count))


def spawned(processes):
    """1,000 runs at once."""

    async def run(pool):
        async with pool.checkout(limits=LIMITS) as session:
            return await session.feed_run("1 + 1")

    async def one(pool):
        return (await asyncio.gather(*[run(pool) for _ in range(1000)]))[-1]

    return in_loop(processes, one)


def start():
    """A pool of one process."""

    def iterations(count):
        for _ in range(count):
            with Monty(min_processes=1, max_processes=1) as pool:
                with pool.checkout(limits=LIMITS) as session:
                    value = session.feed_run("1 + 1")
        return value

    return iterations


def live():
    session = pool.checkout(limits=LIMITS).__enter__()

    def iterations(count):
        for _ in range(count):
            value = session.feed_run("1 + 1")
        return value

    return iterations


def parked():
    """A session loaded from bytes, fed and dumped."""
    with pool.checkout(limits=LIMITS) as session:
        state = session.dump()

    def iterations(count):
        nonlocal state
        for _ in range(count):
            with pool.checkout() as session:
                session.load_session(state)
                value = session.feed_run("1 + 1")
                state = session.dump()
        return value

    return iterations


def suspended():
    """A call dumped, loaded and answered. Nothing is signed."""

    def iterations(count):
        for _ in range(count):
            with pool.checkout(limits=LIMITS) as session:
                state = session.feed_start("ask()").dump()
            with pool.checkout() as session:
                value = session.load_snapshot(state).resume({"return_value": 1}).output
        return value

    return iterations


def memory():
    """Memory of a worker that no other process shares: an idle session holds one."""

    def each(count):
        own = 0
        with Monty(min_processes=count, max_processes=count) as pool:
            sessions = [pool.checkout(limits=LIMITS).__enter__() for _ in range(count)]
            for session in sessions:
                session.feed_run("def f(x):\n    return x + 1")
                own += private_bytes(session.worker_pid)
            for session in sessions:
                session.__exit__(None, None, None)
        return own // count

    return each


def private_bytes(pid):
    with open(f"/proc/{pid}/smaps_rollup") as rollup:
        sizes = [line.split() for line in rollup if line.startswith("Private_")]
    return sum(int(size[1]) * 1024 for size in sizes)


def open_row(row):
    kind, _, rest = row.partition(" ")
    match kind, rest:
        case "start", _:
            return start()
        case "fresh", _:
            return program("1 + 1")
        case "first-result", _:
            return first_result(work)
        case "first-result-after-pause", _:
            return first_result(pause)
        case "program", path:
            return program(open(path).read())
        case "script", path:
            return script(open(path).read())
        case "spawned", threads:
            return spawned(int(threads))
        case "live", _:
            return live()
        case "parked", _:
            return parked()
        case "suspended", _:
            return suspended()
        case "memory", "live":
            return memory()
    raise Absent("the pool has no such thing")


assert pydantic_monty.__version__ == "1.4.0"
serve(open_row)

import assert from "node:assert/strict";
import { test } from "node:test";

import * as m from "../src/index.js";
import { describeBoth } from "./support.js";

describeBoth("failures", (context) => {
  const evaluate = (source, options) => context.evaluate(source, options);

  test("an exception has its traceback, as Python prints it", async () => {
    const source = "def f(x):\n    return 1 / x\n\nf(0)\n";
    await assert.rejects(() => evaluate(source, { scriptName: "sum.py" }), {
      name: "MontyError",
      kind: "script",
      type: "ZeroDivisionError",
      pythonMessage: "division by zero",
      message: "ZeroDivisionError: division by zero",
      traceback: `Traceback (most recent call last):
  File "sum.py", line 4, in <module>
    f(0)
    ~~~~
  File "sum.py", line 2, in f
    return 1 / x
           ~~~~~
ZeroDivisionError: division by zero`,
    });
  });

  test("a source that is not Python", async () => {
    await assert.rejects(() => evaluate("x = = 1"), { kind: "source", type: "SyntaxError" });
  });

  test("a hint names what to write instead", async () => {
    const error = await evaluate("class A(dict):\n    pass").catch((thrown) => thrown);
    assert.ok(["script", "source"].includes(error.kind));
    assert.equal(error.hint.code, "class-inheritance");
    assert.ok(error.message.endsWith(`\nhint: ${error.hint.advice}`), error.message);
    assert.ok(!error.traceback.includes("hint"));
  });

  test("a request that is not valid", async () => {
    for (const options of [
      { inputs: { "no name": 1 } },
      { workingDirectory: "relative" },
      { localTimezone: "Atlantis/Capital" },
      { inputs: { x: () => {} } },
    ]) {
      await assert.rejects(() => evaluate("1", options), { kind: "request" }, JSON.stringify(options));
    }
  });

  test("limits end a run, and the next one is as good as the first", async () => {
    const cases = {
      duration: ["while True: pass", { durationMs: 30 }],
      memory: ["x = []\nwhile True: x.append('a' * 1000)", { memoryBytes: 2 ** 20 }],
      recursion: ["def f(): return f()\nf()", { recursionDepth: 100 }],
      calls: ["while True: f()", { calls: 10 }],
      output: ["while True: print('a' * 100)", { outputBytes: 1000 }],
      "host-duration": ["while True: f('x' * 100_000)", { hostDurationMs: 5, calls: Infinity }],
    };
    for (const [limit, [source, limits]] of Object.entries(cases)) {
      await assert.rejects(() => evaluate(source, { limits, tools: { f: () => 1 } }), { kind: "limit", limit });
      assert.equal(await evaluate("1 + 1"), 2);
    }
  });

  test("calls that wait are limited, and so is what they hold", async () => {
    const never = new Promise(() => {});
    const text = "x".repeat(1_000_000);
    const tools = {
      pending: m.asyncTool(() => never),
      done: m.asyncTool(() => 1),
      large: m.asyncTool(() => text),
      later: m.asyncTool(async () => text),
      takes: m.asyncTool(() => never, ["text"]),
    };
    const many = (call) => `kept = []\nfor _ in range(200): kept.append(${call})`;
    for (const call of ["pending()", "done()"]) {
      await assert.rejects(() => evaluate(many(call), { tools }), {
        kind: "limit",
        limit: "concurrent-calls",
        message: "more than 100 calls are in progress, or answered and not yet awaited (limits.concurrentCalls)",
      });
    }
    const limits = { concurrentCalls: 1000, hostMemoryBytes: 20_000_000 };
    const gathered = `import asyncio\nlen(await asyncio.gather(*[later() for _ in range(30)]))`;
    for (const source of [many("large()"), many("takes('x' * 1_000_000)"), gathered]) {
      await assert.rejects(() => evaluate(source, { tools, limits }), {
        kind: "limit",
        limit: "host-memory",
        message: "waiting calls, answers, prints and objects hold more than 20000000 bytes (limits.hostMemoryBytes)",
      });
    }
    const Point = new m.PyClass("Point");
    const objects = { points: () => Array.from({ length: 1000 }, () => new m.Instance(Point, { x: 1, y: 2 })) };
    const prints = "for _ in range(1000): print('x' * 60_000)";
    for (const [source, options] of [
      ["while True: points()", { tools: objects }],
      [prints, { print: () => never }],
    ]) {
      const given = { ...options, limits: { hostMemoryBytes: 5_000_000, outputBytes: Infinity } };
      await assert.rejects(() => evaluate(source, given), { kind: "limit", limit: "host-memory" }, source);
    }
    // What is awaited is gone.
    assert.equal(await evaluate("n = 0\nfor _ in range(50): n += len(await later())\nn", { tools, limits }), 50_000_000);
    assert.equal(await evaluate("1 + 1"), 2);
  });

  test("the deepest recursion that is allowed fits the stack", async () => {
    assert.equal(await evaluate("def f(n): return 0 if n == 0 else 1 + f(n - 1)\nf(900)"), 900);
  });

  test("time in tools does not count", async () => {
    // An hour passes in each tool, by the clock that the limit reads; none in
    // the test.
    const now = performance.now;
    let hours = 0;
    performance.now = () => now.call(performance) + hours * 3_600_000;
    const tools = {
      busy() {
        hours += 1;
      },
      async wait() {
        await null;
        hours += 1;
      },
    };
    try {
      const limits = { durationMs: 1_800_000, hostDurationMs: 1_800_000, waitDurationMs: Number.POSITIVE_INFINITY };
      assert.equal(await evaluate("busy()\nwait()\nawait wait()\n1", { tools, limits }), 1);
      assert.equal(hours, 3);
    } finally {
      performance.now = now;
    }
  });

  test("the script waits for so long, for tools or asleep", async () => {
    const never = new Promise(() => {});
    const tools = { f: () => never, g: m.asyncTool(() => never) };
    const limits = { waitDurationMs: 20 };
    const message = "the script waited longer than 20 ms (limits.waitDurationMs)";
    for (const call of ["f()", "await f()", "await g()", "import time; time.sleep(5)", "import asyncio; await asyncio.sleep(5)"]) {
      const source = `try:\n    ${call}\nexcept BaseException: pass`;
      await assert.rejects(() => evaluate(source, { tools, limits, sleep: true }), { kind: "limit", limit: "wait-duration", message }, call);
    }
    assert.equal(await evaluate("import time\ntime.sleep(0.001)\n1", { limits: { waitDurationMs: 60_000 }, sleep: true }), 1);
  });

  test("a print callback that throws ends the run with its error, and costs nothing else", async () => {
    const cause = new Error("full");
    let room = 2;
    const print = () => {
      room -= 1;
      if (room < 0) throw cause;
    };
    const source = "try:\n  while True: print(1)\nfinally: kept = 5";
    const session = await context.monty.session({ print, lineBuffered: true });
    await assert.rejects(() => session.feed(source), {
      kind: "host",
      type: "RuntimeError",
      pythonMessage: "full",
      message: "the print callback failed: full",
      traceback: /^Traceback[^]*print\(1\)[^]*RuntimeError: full$/,
      cause,
    });
    room = 1;
    assert.equal((await session.feed("2")).value, 2);
    session.close();
    const closed = new m.PythonError("BrokenPipeError", "nobody reads on");
    const fail = () => {
      throw closed;
    };
    await assert.rejects(() => evaluate("print(1)", { print: fail }), { kind: "host", type: "BrokenPipeError", cause: closed });
  });

  test("what ends a script at a print leaves its session whole", async () => {
    const session = await context.monty.session({ limits: { outputBytes: 100 } });
    await assert.rejects(() => session.feed("x = 1\nwhile True: print('a' * 70000)"), {
      kind: "limit",
      limit: "output",
      message: "the script printed more than 100 bytes (limits.outputBytes)",
      traceback: /^Traceback[^]*line 2/,
    });
    assert.equal((await session.feed("x")).value, 1);
    session.close();
    const controller = new AbortController();
    const print = () => controller.abort("enough");
    const stopped = await context.monty.session({ print, signal: controller.signal });
    await assert.rejects(() => stopped.feed("x = 1\nwhile True: print('a' * 70000)"), { kind: "interrupted", cause: "enough", message: "the run was interrupted" });
    assert.deepEqual(stopped.functions(), []);
    stopped.close();
  });

  test("a print callback may be async: the run waits for it, and ends with what it rejects with", async () => {
    const log = [];
    const slow = async (text) => {
      await new Promise((resolve) => setTimeout(resolve, 2));
      log.push(text);
    };
    await evaluate("print('a')\nf()\nprint('b')", { print: slow, tools: { f: () => 1 } });
    assert.deepEqual(log, ["a\n", "b\n"]);
    const cause = new Error("gone");
    const reject = async () => {
      throw cause;
    };
    const endless = "while True: print('x' * 10000); await f()";
    for (const source of ["print(1)", "print(1)\nf()", "print(1)\nawait f()\nawait f()", endless]) {
      const options = { print: reject, tools: { f: async () => 1 } };
      await assert.rejects(() => evaluate(source, options), { kind: "host", message: "the print callback failed: gone", cause }, source);
    }
    const never = () => new Promise(() => {});
    await assert.rejects(() => evaluate("print(1)", { print: never, limits: { waitDurationMs: 20 } }), { limit: "wait-duration" });
    await assert.rejects(() => evaluate("print(1)\n1 / 0", { print: never }), { type: "ZeroDivisionError" });
    assert.equal(await evaluate("2"), 2);
  });

  test("nothing survives a run", async () => {
    await evaluate("import random\nx = 1\nrandom.seed(1)");
    await assert.rejects(() => evaluate("x"), { type: "NameError" });
  });

  test("a seed repeats, also the identities of objects", async () => {
    const source = "import random\nclass A: pass\n[random.random(), A()]";
    const [first, second] = [await evaluate(source, { randomness: 7 }), await evaluate(source, { randomness: 7n })];
    assert.equal(first[0], second[0]);
    assert.equal(first[1].id, second[1].id);
    assert.notEqual((await evaluate(source))[1].id, first[1].id);
  });

  test("a fixed clock and a time zone", async () => {
    const source = "from datetime import datetime\nstr(datetime.now())";
    const clock = new Date("2024-07-01T10:00:00.250Z");
    assert.equal(await evaluate(source, { clock, localTimezone: "Europe/London" }), "2024-07-01 11:00:00.250000");
    assert.equal(await evaluate(source, { clock, localTimezone: new m.TimeZone(7200) }), "2024-07-01 12:00:00.250000");
    // Nanoseconds, of which Python sees microseconds in a datetime and all in an int.
    const exact = 1_719_828_000_250_123_456n;
    assert.equal(await evaluate(source, { clock: exact }), "2024-07-01 10:00:00.250123");
    assert.equal(await evaluate(source, { clock: -1 }), "1969-12-31 23:59:59.999000");
  });

  test("a disposed Monty refuses", async () => {
    const monty = await m.createMonty();
    monty.dispose();
    await assert.rejects(() => monty.run("1"), { kind: "request" });
  });

  test("runSync() needs an instance, and tools without promises", async () => {
    const monty = await m.createMonty();
    assert.throws(() => monty.runSync("1"), { kind: "request", message: /prepare/ });
    await monty.prepare();
    assert.equal(monty.runSync("f(1) + await g()", { tools: { f: (x) => x + 1, g: m.asyncTool(() => 5) } }).value, 7);
    assert.throws(() => monty.runSync("f()", { tools: { f: async () => 1 } }), {
      kind: "request",
      message: "the tool f() returned a promise: runSync() cannot wait for it, run() can",
    });
    assert.throws(() => monty.runSync("print(1)", { print: () => Promise.reject(new Error("late")) }), {
      kind: "request",
      message: "the print callback returned a promise: runSync() cannot wait for it, run() can",
    });
  });
});

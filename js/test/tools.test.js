import assert from "node:assert/strict";
import { test } from "node:test";

import * as m from "../src/index.js";
import { deferred, describeBoth } from "./support.js";

describeBoth("tools", (context) => {
  const evaluate = (source, options) => context.evaluate(source, options);

  test("a plain function takes arguments in order, and keyword arguments as one object", async () => {
    const tools = { f: (...given) => given };
    assert.deepEqual(await evaluate("f(1, 'a')", { tools }), [1, "a"]);
    assert.deepEqual(await evaluate("f(1, b=2, __proto__=3)", { tools }), [1, JSON.parse('{"b":2,"__proto__":3}')]);
  });

  test("parameters are bound as Python binds them", async () => {
    const tools = { f: m.tool((city, unit) => `${city} ${unit}`, ["city", ["unit", "C"]], { docstring: "Weather." }) };
    assert.equal(await evaluate("f('Oslo')", { tools }), "Oslo C");
    assert.equal(await evaluate("f(unit='F', city='Oslo')", { tools }), "Oslo F");
    assert.equal(await evaluate("g = f\ng('Oslo', 'F')", { tools }), "Oslo F");
    const errors = {
      "f()": "f() missing 1 required positional argument: 'city'",
      "f(1, 2, 3)": "f() takes from 1 to 2 positional arguments but 3 were given",
      "f(1, city=2)": "f() got multiple values for argument 'city'",
      "f(1, days=2)": "f() got an unexpected keyword argument 'days'",
    };
    for (const [source, message] of Object.entries(errors)) {
      await assert.rejects(() => evaluate(source, { tools }), { kind: "script", type: "TypeError", pythonMessage: message });
    }
  });

  test("what a tool throws is raised at the call", async () => {
    const tools = {
      missing: () => {
        throw new m.PythonError("KeyError", "no such city");
      },
      broken: () => {
        throw new TypeError("of JavaScript");
      },
      rejects: async () => {
        throw new m.PythonError("ValueError", "later");
      },
      rejectsWithNothing: () => Promise.reject(),
      throwsPayload: () => {
        throw Object.assign(new Error("with a payload"), { payload: { tag: "value" } });
      },
    };
    const caught = (call) => evaluate(`try:\n  ${call}\nexcept Exception as error:\n  x = repr(error)\nx`, { tools });
    assert.equal(await caught("missing()"), "KeyError('no such city')");
    assert.equal(await caught("broken()"), "RuntimeError('of JavaScript')");
    assert.equal(await caught("rejects()"), "ValueError('later')");
    assert.equal(await caught("await rejects()"), "ValueError('later')");
    assert.equal(await caught("rejectsWithNothing()"), "RuntimeError('undefined')");
    assert.equal(await caught("throwsPayload()"), "RuntimeError('with a payload')");
  });

  test("a value that has no equivalent in Python is a ValueError in the script", async () => {
    await assert.rejects(() => evaluate("f()", { tools: { f: () => ({ a: () => {} }) } }), {
      type: "ValueError",
      pythonMessage:
        "the tool's value cannot be sent to the script: a: a function cannot be a value: pass it as a tool",
    });
  });

  test("a name that is no tool is a NameError", async () => {
    await assert.rejects(() => evaluate("toString()", { tools: {} }), { type: "NameError" });
  });

  test("a tool that returns a promise is a plain function to the script", async () => {
    const tools = { double: async (x) => x * 2 };
    assert.equal(await evaluate("double(double(3)) + await double(1)", { tools }), 14);
    assert.deepEqual(await evaluate("[double(x) for x in range(3)]", { tools }), [0, 2, 4]);
  });

  test("gather runs async tools at once and keeps their order", async () => {
    const calls = [];
    const tools = {
      fetch: m.asyncTool((name) => {
        const call = deferred();
        calls.push({ name, ...call });
        // The last one is answered first.
        if (calls.length === 3) for (const { name, resolve } of calls.toReversed()) resolve(name.toUpperCase());
        return call.promise;
      }, ["name"]),
    };
    const source = "import asyncio\nawait asyncio.gather(fetch('a'), fetch('b'), fetch('c'))";
    assert.deepEqual(await evaluate(source, { tools }), ["A", "B", "C"]);
  });

  test("what is answered first goes on first", async () => {
    const slow = deferred();
    const tools = {
      slow: m.asyncTool(() => slow.promise),
      quick: m.asyncTool(async () => "quick"),
      note: (text) => {
        if (text === "quick") slow.resolve("slow");
        return null;
      },
    };
    const source = `
import asyncio
order = []
async def one(call):
    value = await call
    note(value)
    order.append(value)
await asyncio.gather(one(slow()), one(quick()))
order`;
    assert.deepEqual(await evaluate(source, { tools }), ["quick", "slow"]);
  });

  test("an async tool that fails raises at its await", async () => {
    const tools = {
      bad: m.asyncTool(async () => {
        throw new m.PythonError("ValueError", "bad");
      }),
      good: m.asyncTool(() => 1),
    };
    const source = `
import asyncio
try:
    await asyncio.gather(good(), bad())
except ValueError as error:
    x = str(error)
x`;
    assert.equal(await evaluate(source, { tools }), "bad");
  });

  test("an error of a tool is the cause of the one that ends the script", async () => {
    const cause = new TypeError("of JavaScript");
    const python = new m.PythonError("ValueError", "of the tool");
    const unknown = new m.PythonError("ShopError", "closed");
    const tools = {
      broken: () => {
        throw cause;
      },
      refuses: async () => {
        throw python;
      },
      awaited: m.asyncTool(async () => {
        throw python;
      }),
      shop: () => {
        throw unknown;
      },
    };
    await assert.rejects(() => evaluate("broken()", { tools }), { kind: "script", message: "RuntimeError: of JavaScript", cause });
    await assert.rejects(() => evaluate("shop()", { tools }), { message: "RuntimeError: ShopError: closed", cause: unknown });
    for (const call of ["refuses()", "await refuses()", "await awaited()", "import asyncio; await asyncio.gather(awaited(), awaited())"]) {
      await assert.rejects(() => evaluate(call, { tools }), { type: "ValueError", cause: python }, call);
    }
    const other = "try:\n    broken()\nexcept RuntimeError:\n    raise KeyError('of the script')";
    await assert.rejects(() => evaluate(other, { tools }), (error) => error.type === "KeyError" && error.cause === undefined);
  });

  test("a tool gets a signal, which tells that its answer is not wanted any more", async () => {
    const given = [];
    const work = (name, { signal }) => {
      given.push({ name, signal });
      return new Promise((resolve) => {
        if (name === "quick") resolve("done");
        if (name === "dies") setTimeout(() => controller.abort("enough"), 5);
      });
    };
    let controller;
    const tools = {
      work: m.asyncTool(work, ["name"], { signal: true }),
      plain: m.tool(work, ["name"], { signal: true }),
      both: m.tool((a, b, context) => [a, b, context.signal.aborted], ["a", ["b", 2]], { signal: true }),
    };
    const run = async (source, options) => {
      given.length = 0;
      controller = new AbortController();
      await evaluate(source, { tools, signal: controller.signal, ...options }).catch(() => {});
      return given.map(({ name, signal }) => [name, signal.aborted]);
    };
    // The script ended without the answer, or with an error.
    assert.deepEqual(await run("t = work('slow')\nawait work('quick')"), [["slow", true], ["quick", false]]);
    assert.deepEqual(await run("t = work('slow')\n1 / 0"), [["slow", true]]);
    assert.deepEqual(await run("import asyncio\nawait asyncio.gather(work('slow'), work('other'), fails())"), [["slow", true], ["other", true]]);
    // It was stopped while it waited.
    for (const call of ["plain", "await plain", "await work"]) assert.deepEqual(await run(`${call}('dies')`), [["dies", true]]);
    assert.deepEqual(await run("await work('slow')", { limits: { waitDurationMs: 10 } }), [["slow", true]]);
    const reason = given[0].signal.reason;
    assert.deepEqual([reason.name, reason.message], ["AbortError", "the script no longer waits for work()"]);
    // An answer that the script got is not given up.
    assert.deepEqual(await run("await work('quick')\nplain('quick')"), [["quick", false], ["quick", false]]);
    assert.deepEqual(await evaluate("both(1)", { tools }), [1, 2, false]);
  });

  test("calls that were given up leave room for others, and their late answers are nothing to a session", async () => {
    const late = [];
    const tools = { work: m.asyncTool(() => new Promise((resolve, reject) => late.push({ resolve, reject }))) };
    const session = await context.monty.session({ tools, limits: { concurrentCalls: 3 } });
    for (let round = 0; round < 5; round += 1) await session.feed("a = work(); b = work(); c = work()");
    assert.equal(late.length, 15);
    const next = session.feed("await work()");
    late[0].resolve(() => "no value");
    late[1].resolve("x".repeat(70 << 20));
    late[2].reject(new Error("late"));
    while (late.length < 16) await new Promise((resolve) => setTimeout(resolve, 1));
    late[15].resolve(5);
    assert.equal((await next).value, 5);
    session.close();
  });

  test("an async tool that is not awaited gives no value", async () => {
    const tools = { f: m.asyncTool(() => 1) };
    await assert.rejects(() => evaluate("f() + 1", { tools }), { type: "TypeError" });
    assert.equal(await evaluate("await f() + 1", { tools }), 2);
  });

  test("an async tool answers beside a sleep", async () => {
    const tools = { f: m.asyncTool(async () => 1) };
    const source = "import asyncio\nawait asyncio.gather(f(), asyncio.sleep(0.01))";
    assert.deepEqual(await evaluate(source, { tools, sleep: true }), [1, null]);
    await assert.rejects(() => evaluate("import asyncio\nawait asyncio.sleep(0.01)"), { type: "RuntimeError" });
    await assert.rejects(() => evaluate("import time\ntime.sleep(0.01)"), { type: "RuntimeError" });
  });

  test("methods of a class of the host", async () => {
    const Box = new m.PyClass("Box", {
      dataclass: true,
      methods: {
        area() {
          return this.attributes.get("width") * this.attributes.get("height");
        },
        grow: m.tool((by) => new m.Instance(Box, { width: by, height: by }), ["by"]),
      },
    });
    const inputs = { box: new m.Instance(Box, { width: 2, height: 3 }) };
    assert.deepEqual(await evaluate("[box.width, box.area(), box.grow(by=4).area()]", { inputs, tools: {} }), [2, 6, 16]);
    await assert.rejects(() => evaluate("box.shrink()", { inputs }), { type: "AttributeError" });
  });

  test("prints and calls keep their order", async () => {
    const log = [];
    const options = {
      tools: { f: (x) => log.push(`call ${x}`) },
      print: (text, stream) => log.push(`${stream} ${text}`),
    };
    await evaluate("import sys\nprint('a')\nf(1)\nprint('b', file=sys.stderr)\nprint('ü', end='')", options);
    assert.deepEqual(log, ["stdout a\n", "call 1", "stderr b\n", "stdout ü"]);
  });

  test("prints without a callback are in the report, and in an error", async () => {
    assert.equal((await context.monty.run("print('a')\nprint('b')")).printed, "a\nb\n");
    await assert.rejects(() => evaluate("print('a')\n1/0"), { printed: "a\n" });
  });

  test("many runs at once", async () => {
    const tools = { f: async (x) => x };
    const runs = Array.from({ length: 6 }, (_, index) => evaluate(`f(${index}) * 10`, { tools }));
    assert.deepEqual(await Promise.all(runs), [0, 10, 20, 30, 40, 50]);
  });

  test("an interrupted run ends while it waits, and the next one is as good as the first", async () => {
    for (const source of ["f()", "await f()", "try:\n  await f()\nexcept BaseException: pass", "f(now=True)\nimport time\ntime.sleep(30)"]) {
      const controller = new AbortController();
      const tools = {
        f: (options) => {
          if (options?.now) return controller.abort("enough");
          setTimeout(() => controller.abort("enough"), 5);
          return new Promise(() => {});
        },
      };
      const options = { tools, signal: controller.signal, sleep: true };
      await assert.rejects(() => evaluate(source, options), { kind: "interrupted", cause: "enough" }, source);
      assert.equal(await evaluate("1"), 1);
    }
  });
});

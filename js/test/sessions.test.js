import assert from "node:assert/strict";
import { test } from "node:test";

import * as m from "../src/index.js";
import { deferred, describeBoth } from "./support.js";

describeBoth("sessions and suspended runs", (context) => {
  test("a session keeps its names, whatever comes of a piece of code", async () => {
    const session = await context.monty.session({ tools: { double: async (x) => x * 2 } });
    await session.feed("x = double(base)\ndef times(a, b=2):\n    return a * b", { inputs: { base: 4 } });
    assert.equal((await session.feed("x")).value, 8);
    await assert.rejects(() => session.feed("y = 1\n1 / 0"), { type: "ZeroDivisionError", traceback: /<python-input-2>/ });
    assert.equal((await session.feed("y")).value, 1);
    await assert.rejects(() => session.feed("while True: pass", { limits: { durationMs: 30 } }), { kind: "limit" });
    assert.deepEqual(session.functions(), ["times"]);
    assert.equal((await session.call("times", [3])).value, 6);
    assert.equal((await session.call("times", [3], { b: [1] })).value.length, 3);
    session.close();
    await assert.rejects(() => session.feed("1"), { kind: "request", message: "the session is closed" });
  });

  test("prints are those of the piece of code", async () => {
    const session = await context.monty.session();
    assert.equal((await session.feed("print('a')")).printed, "a\n");
    assert.equal((await session.feed("print('b')")).printed, "b\n");
    session.close();
  });

  test("a session in bytes opens again", async () => {
    const session = await context.monty.session();
    await session.feed("x = [1]\ndef f(): return len(x)");
    const bytes = session.dump();
    await session.feed("x.append(2)");
    const restored = await context.monty.restore(bytes);
    assert.equal((await restored.feed("f()")).value, 1);
    assert.equal((await session.feed("f()")).value, 2);
    session.close();
    restored.close();
    await assert.rejects(() => context.monty.restore(new Uint8Array([1, 2, 3])), { kind: "request" });
  });

  test("one piece of code at a time", async () => {
    const answer = deferred();
    const session = await context.monty.session({ tools: { f: () => answer.promise } });
    const first = session.feed("f()");
    await assert.rejects(() => session.feed("1"), { kind: "request", message: /busy/ });
    answer.resolve(5);
    assert.equal((await first).value, 5);
    session.close();
  });

  test("a fault ends a session and not the others", async () => {
    const session = await context.monty.session({ limits: { calls: 1 }, tools: { f: () => 1 } });
    await assert.rejects(() => session.feed("f()\nf()"), { kind: "limit", limit: "calls" });
    await assert.rejects(() => session.feed("1"), { kind: "sandbox", message: /an earlier run broke it/ });
    session.close();
    assert.equal((await context.monty.run("1")).value, 1);
  });

  test("a suspended run goes on elsewhere, as often as one likes", async () => {
    const source = "names = ask('who', many=True)\nf'{len(names)}: {names}'";
    const { value, suspension } = await context.monty.run(source, { tools: { ask: () => m.suspend } });
    assert.equal(value, undefined);
    assert.deepEqual(
      suspension.calls.map(({ name, positional, keyword }) => ({ name, positional, keyword })),
      [{ name: "ask", positional: ["who"], keyword: new Map([["many", true]]) }],
    );
    const [{ id }] = await context.monty.suspendedCalls(suspension.snapshot);
    const elsewhere = await m.createMonty();
    assert.equal((await elsewhere.resume(suspension.snapshot, { [id]: ["Ann"] })).value, "1: ['Ann']");
    assert.equal((await elsewhere.resume(suspension, new Map([[id, ["Bo", "Cy"]]]))).value, "2: ['Bo', 'Cy']");
    const refused = [{ id, error: new m.PythonError("PermissionError", "no") }];
    await assert.rejects(() => elsewhere.resume(suspension, refused), { type: "PermissionError", pythonMessage: "no" });
    await assert.rejects(() => elsewhere.resume(new Uint8Array(10), {}), { kind: "request" });
    elsewhere.dispose();
  });

  test("gather suspends all of its calls, beside tools that are at work", async () => {
    const tools = {
      ask: m.asyncTool(() => m.suspend),
      askLater: m.asyncTool(async () => m.suspend),
      work: m.asyncTool(async (x) => x * 2),
    };
    const source = "import asyncio\nawait asyncio.gather(ask('a'), work(2), askLater('b'))";
    const { suspension } = await context.monty.run(source, { tools });
    const [first, second] = suspension.calls;
    assert.deepEqual([first.positional, second.positional, suspension.calls.length], [["a"], ["b"], 2]);
    const next = await context.monty.resume(suspension, { [second.id]: "B" }, { tools });
    assert.deepEqual(next.suspension.calls.map(({ id }) => id), [first.id]);
    assert.deepEqual((await context.monty.resume(next.suspension, { [first.id]: "A" }, { tools })).value, ["A", 4, "B"]);
  });

  test("a tool may find out later that it cannot answer", async () => {
    const tools = { ask: async () => m.suspend };
    for (const source of ["ask() + 1", "await ask() + 1"]) {
      const { suspension } = await context.monty.run(source, { tools });
      assert.equal((await context.monty.resume(suspension, { [suspension.calls[0].id]: 1 })).value, 2);
    }
  });

  test("a call in place waits for somebody else, others for their tools", async () => {
    const tools = { work: m.asyncTool(async (x) => x * 2), ask: () => m.suspend };
    const source = "import asyncio\ntask = work(4)\nname = ask()\n[name, await task]";
    const { suspension } = await context.monty.run(source, { tools });
    assert.deepEqual(suspension.calls.map((call) => call.name), ["ask"]);
    const { value } = await context.monty.resume(suspension, { [suspension.calls[0].id]: "Ann" }, { tools });
    assert.deepEqual(value, ["Ann", 8]);
  });

  test("a session that is suspended is resumed, put away or given up", async () => {
    const session = await context.monty.session({ tools: { ask: () => m.suspend } });
    const { suspension } = await session.feed("x = 1\nx = ask()\nx");
    const id = suspension.calls[0].id;
    const bytes = session.dump();
    assert.equal((await session.resume({ [id]: 5 })).value, 5);
    const restored = await context.monty.restore(bytes, { tools: { ask: () => m.suspend } });
    restored.abandon();
    assert.equal((await restored.feed("x")).value, 1);
    session.close();
    restored.close();
  });

  test("capabilities and completeness", async () => {
    const features = await context.monty.capabilities();
    assert.match(features.version, /^\d+\.\d+\.\d+/);
    assert.ok(features.modules.some(({ name }) => name === "json"));
    assert.equal(await context.monty.sourceCompleteness("x = 1"), "complete");
    assert.equal(await context.monty.sourceCompleteness("x = ("), "incomplete");
    assert.equal(await context.monty.sourceCompleteness("if x:"), "incomplete-block");
  });
});

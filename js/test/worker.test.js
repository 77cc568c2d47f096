// Scripts in a worker thread of Node: the API of the main thread, and what only a
// worker has.

import assert from "node:assert/strict";
import { execFile } from "node:child_process";
import { after, before, describe, test } from "node:test";
import { promisify } from "node:util";
import { Worker } from "node:worker_threads";

import * as main from "../src/index.js";
import * as m from "../src/worker-node.js";
import { deferred } from "./support.js";

const hasJspi = typeof WebAssembly.Suspending === "function";

for (const jspi of hasJspi ? [false, true] : [false]) {
  describe(`in a worker, ${jspi ? "with" : "without"} JSPI`, () => {
    let monty;
    const evaluate = async (source, options) => (await monty.run(source, options)).value;
    before(async () => {
      monty = await m.createMonty({ jspi });
    });
    after(() => monty.dispose());

    test("values cross as in the thread itself", async () => {
      const local = await main.createMonty({ jspi });
      const source = `
import datetime, decimal
class P:
    def __init__(self): self.x = [1]
shared = [1.0, 2.5]
[1, 2**70, -0.0, 'é😀', b'x', (1, {2}), frozenset([3]), {1: 2}, {'a': shared, 'b': shared}, datetime.date(2024, 1, 2),
 decimal.Decimal('1.50'), 1j, ..., ValueError('x'), int, len, given]`;
      const given = { t: m.Tuple.of(1, new m.FrozenSet([2])), when: new Date(5), big: 2n ** 80n };
      for (const values of ["natural", "exact"]) {
        const options = { inputs: { given }, values, randomness: 1 };
        assert.deepEqual(await evaluate(source, options), (await local.run(source, options)).value);
      }
      const [one, other] = Object.values(await evaluate("x = []\n{'a': x, 'b': x}"));
      assert.equal(one, other);
    });

    test("tools answer at once, later, several at a time, or with an error, which is the cause", async () => {
      const cause = new Error("gone");
      const tools = {
        now: (x, options) => [x, options?.y],
        later: m.tool(async (a, b) => a + b, ["a", ["b", 10]]),
        each: m.asyncTool(async (x) => x * 2, ["x"]),
        fail: async () => {
          throw cause;
        },
        missing: () => {
          throw new m.PythonError("KeyError", "no such city");
        },
      };
      const source = `
import asyncio
try:
    missing()
except KeyError as error:
    caught = str(error)
try:
    later(c=1)
except TypeError as error:
    wrong = str(error)
[now(1, y=(2,)), later(1), later(b=1, a=1), await asyncio.gather(each(1), each(2)), caught, wrong]`;
      const report = await monty.run(source, { tools });
      const wrong = "later() got an unexpected keyword argument 'c'";
      assert.deepEqual(report.value, [[1, m.Tuple.of(2)], 11, 2, [2, 4], "'no such city'", wrong]);
      assert.equal(report.calls, 7);
      await assert.rejects(() => evaluate("fail()", { tools }), { kind: "script", type: "RuntimeError", message: "RuntimeError: gone", cause });
      await assert.rejects(() => evaluate("other()", { tools }), { type: "NameError" });
    });

    test("methods of objects of the program are called in its thread", async () => {
      const Account = new m.PyClass("Account", { methods: { deposit: m.tool(function (amount) { return [this.attributes.get("owner"), amount]; }, ["amount"]) } });
      const account = new m.Instance(Account, { owner: "Ada" });
      assert.deepEqual(await evaluate("account.deposit(5)", { inputs: { account } }), ["Ada", 5]);
      assert.deepEqual(await evaluate("make().deposit(amount=6)", { tools: { make: () => account } }), ["Ada", 6]);
      await assert.rejects(() => evaluate("account.withdraw()", { inputs: { account } }), { type: "AttributeError" });
    });

    test("prints arrive in order, and what the callback throws ends the run", async () => {
      const log = [];
      const slow = async (text, stream) => {
        await new Promise((resolve) => setTimeout(resolve, 2));
        log.push([text, stream]);
      };
      await evaluate("import sys\nprint('a')\nprint('b', file=sys.stderr)", { print: slow });
      assert.deepEqual(log, [["a\n", "stdout"], ["b\n", "stderr"]]);
      const cause = new TypeError("no");
      const print = () => {
        throw cause;
      };
      await assert.rejects(() => evaluate("print(1)\nf()", { print, tools: { f: () => 1 } }), { kind: "host", message: "the print callback failed: no", cause });
      await assert.rejects(() => evaluate("print('x')\n1 / 0"), { type: "ZeroDivisionError", printed: "x\n" });
    });

    test("limits hold, and errors keep their kind, traceback and hint", async () => {
      const text = "x".repeat(5000);
      const limits = { messageBytes: 4000 };
      for (const [source, options, limit] of [
        ["while True: pass", { limits: { durationMs: 50 } }, "duration"],
        ["f()", { limits: { calls: 0 }, tools: { f: () => 1 } }, "calls"],
        ["print('x' * 100)", { limits: { outputBytes: 10 } }, "output"],
        ["'x' * 5000", { limits }, "message"],
        ["f('x' * 5000)", { limits, tools: { f: () => 1 } }, "message"],
        ["f()", { limits, tools: { f: () => text } }, "message"],
        ["f()", { limits: { waitDurationMs: 20 }, tools: { f: () => new Promise(() => {}) } }, "wait-duration"],
      ]) {
        await assert.rejects(() => evaluate(source, options), { kind: "limit", limit }, source);
      }
      await assert.rejects(() => evaluate("x ="), { kind: "source", type: "SyntaxError" });
      await assert.rejects(
        () => evaluate("def f():\n    1 / 0\nf()"),
        (error) => error instanceof m.MontyError && /line 2, in f/.test(error.traceback) && error.frames.length === 2,
      );
      await assert.rejects(() => evaluate("[].f(x := 1"), { kind: "source" });
      assert.equal(await evaluate("1"), 1);
    });

    test("a suspended script is resumed, also in the other thread", async () => {
      const { suspension } = await monty.run("ask('how') + 1", { tools: { ask: () => m.suspend } });
      const [{ id, name, positional }] = suspension.calls;
      assert.deepEqual([name, positional], ["ask", ["how"]]);
      assert.deepEqual((await monty.suspendedCalls(suspension.snapshot)).map((call) => call.name), ["ask"]);
      assert.equal((await monty.resume(suspension, { [id]: 4 })).value, 5);
      const cause = new m.PythonError("ValueError", "no");
      await assert.rejects(() => monty.resume(suspension, [{ id, error: cause }]), { type: "ValueError", cause });
      const local = await main.createMonty({ jspi });
      assert.equal((await local.resume(suspension.snapshot, { [id]: 4 })).value, 5);
    });

    test("a session keeps its names, and is dumped and restored", async () => {
      const session = await monty.session({ tools: { f: async (x) => x + 1, ask: () => m.suspend } });
      assert.equal((await session.feed("x = f(y)\nx", { inputs: { y: 1 } })).value, 2);
      await assert.rejects(() => session.feed("1 / 0"), { type: "ZeroDivisionError" });
      await session.feed("def g(a, b=1): return f(a) + b + x");
      assert.deepEqual(await session.functions(), ["g"]);
      assert.equal((await session.call("g", [1], { b: 5 })).value, 9);
      const restored = await monty.restore(await session.dump(), { tools: { f: (x) => x } });
      assert.equal((await restored.feed("g(1)")).value, 4);
      await restored.close();
      const { suspension } = await session.feed("ask() + x");
      assert.equal((await session.resume({ [suspension.calls[0].id]: 1 })).value, 3);
      await session.feed("ask()");
      await session.abandon();
      const busy = session.feed("f(1)");
      await assert.rejects(() => session.feed("1"), { kind: "request", message: /busy/ });
      assert.equal((await busy).value, 2);
      await session.close();
      await session.close();
      await assert.rejects(() => session.feed("1"), { kind: "request", message: "the session is closed" });
    });

    test("files are copied to the worker and back", async () => {
      const os = new m.MemoryFiles({ "/in/a.txt": "ä", "/empty": null }, { environment: { X: "1" } });
      const source = `
import os
from pathlib import Path
Path('/out').mkdir()
Path('/out/b.txt').write_text(open('/in/a.txt').read() + os.environ['X'])
os.rename('/in', '/moved')
os.rmdir('/empty')
sorted(os.listdir('/'))`;
      assert.deepEqual(await evaluate(source, { os }), ["moved", "out"]);
      assert.deepEqual(os.paths().toSorted(), ["/moved/a.txt", "/out/b.txt"]);
      assert.equal(new TextDecoder().decode(os.get("/out/b.txt")), "ä1");
      await assert.rejects(() => evaluate("open('/c', 'w').write('kept')\n1 / 0", { os }), { type: "ZeroDivisionError" });
      assert.equal(os.get("/c").length, 4);
      const session = await monty.session({ os });
      await session.feed("open('/d', 'w').write('1')");
      os.write("/e", new Uint8Array(3), "replace");
      assert.equal((await session.feed("len(open('/e').read() + open('/d').read())")).value, 4);
      await session.close();
      const readOnly = new m.MemoryFiles({}, { readOnly: true });
      await assert.rejects(() => evaluate("open('/f', 'w')", { os: readOnly }), { type: "OSError" });
    });

    test("files that change meanwhile are not overwritten", async () => {
      const os = new m.MemoryFiles();
      const tools = { touch: () => os.write("/a", new Uint8Array(1), "replace") };
      await assert.rejects(() => evaluate("open('/b', 'w').close()\ntouch()", { os, tools }), { kind: "request", message: /give each run its own MemoryFiles/ });
      assert.deepEqual(os.paths(), ["/a"]);
    });

    test("this thread goes on, and one run while another waits", async () => {
      let ticks = 0;
      const timer = setInterval(() => (ticks += 1), 5);
      await assert.rejects(() => evaluate("while True: pass", { limits: { durationMs: 300 } }), { limit: "duration" });
      clearInterval(timer);
      assert.ok(ticks > 5, `${ticks} ticks`);
      const gate = deferred();
      const waiting = evaluate("f()", { tools: { f: () => gate.promise } });
      assert.equal(await evaluate("1"), 1);
      gate.resolve(2);
      assert.equal(await waiting, 2);
    });

    test("a signal interrupts a run that waits and leaves the worker; a busy one is terminated with it", async () => {
      const session = await monty.session();
      await session.feed("x = 1");
      const controller = new AbortController();
      const reason = new Error("enough");
      const given = deferred();
      const tools = { f: m.tool(({ signal }) => given.resolve(signal) ?? new Promise(() => {}), [], { signal: true }) };
      const waiting = evaluate("f()", { tools, signal: controller.signal });
      const toolSignal = await given.promise;
      controller.abort(reason);
      await assert.rejects(waiting, { kind: "interrupted", cause: reason });
      assert.equal(toolSignal.aborted, true);
      assert.equal((await session.feed("x")).value, 1);

      const busy = evaluate("while True: pass", { signal: AbortSignal.timeout(50), limits: { durationMs: 60_000 } });
      await assert.rejects(busy, { kind: "interrupted" });
      await assert.rejects(() => session.feed("x"), { kind: "sandbox", message: "the session is gone: its worker was terminated" });
      await session.close();
      assert.equal(await evaluate("1"), 1);
      await assert.rejects(() => evaluate("1", { signal: AbortSignal.abort(reason) }), { kind: "interrupted", cause: reason });
    });

    test("terminate() ends what goes on, and the next run starts another worker", async () => {
      const running = evaluate("print('on')\nwhile True: pass", { print: () => monty.terminate() });
      await assert.rejects(running, { kind: "interrupted", message: "the worker was terminated" });
      assert.equal(await evaluate("1"), 1);
    });
  });
}

test("a worker that is silent for longer than its runs may take is terminated", async () => {
  const script = "require('node:worker_threads').parentPort.on('message', ({ type }) => { while (type === 'request'); })";
  const monty = await m.createMonty({ worker: () => new Worker(script, { eval: true }) });
  const limits = { durationMs: 50, hostDurationMs: 50 };
  await assert.rejects(() => monty.run("1", { limits }), {
    kind: "limit",
    limit: "duration",
    message: "the worker did not respond for 2100 ms, longer than its runs may take, and was terminated",
  });
  monty.dispose();
});

test("a worker that fails ends its runs", async () => {
  const failing = await m.createMonty({ worker: () => new Worker("throw new Error('no such file')", { eval: true }) });
  await assert.rejects(() => failing.run("1"), { kind: "sandbox", message: "the worker failed: no such file" });
  const leaving = await m.createMonty({ worker: () => new Worker("process.exit(3)", { eval: true }) });
  await assert.rejects(() => leaving.run("1"), { kind: "sandbox", message: "the worker failed: it exited with code 3" });
  const none = await m.createMonty({ worker: () => 5 });
  const message = "the worker cannot start: createMonty(): the result of the option `worker` must be a Worker, not 5";
  await assert.rejects(() => none.run("1"), { kind: "sandbox", message });
});

test("options are checked before anything runs", async () => {
  const monty = await m.createMonty();
  const session = await monty.session();
  const cases = [
    [() => m.createMonty({ workers: 1 }), /^createMonty\(\): unknown option `workers`; did you mean `worker`\?/],
    [() => m.createMonty({ worker: "worker.js" }), 'createMonty(): the option `worker` must be a function that returns a Worker, not "worker.js"'],
    [() => monty.run(5), "run(): the source must be a string, not 5"],
    [() => monty.run("1", { limits: { duration: 1 } }), /^run\(\): unknown option `limits\.duration`; did you mean `limits\.durationMs`\?/],
    [() => monty.run("1", { os: { read() {} } }), /^run\(\): the option `os` must be a MemoryFiles for a worker; pass any other to serve\(\) in a worker file/],
    [() => monty.session({ inputs: {} }), /^session\(\): unknown option `inputs`\./],
    [() => monty.restore("bytes"), 'restore(): the snapshot must be a Uint8Array, not "bytes"'],
    [() => monty.resume(new Uint8Array(), "yes"), /^resume\(\): the answers must be/],
    [() => session.feed("1", { input: {} }), /^feed\(\): unknown option `input`; did you mean `inputs`\?/],
    [() => session.call("f", {}), "call(): the positional arguments must be an array, not an object"],
  ];
  for (const [call, message] of cases) await assert.rejects(async () => call(), { name: "TypeError", message });
  await assert.rejects(() => monty.run("x", { inputs: { x: () => 1 } }), { kind: "request", message: /^x: a function cannot be a value/ });
  monty.dispose();
  await assert.rejects(() => monty.run("1"), { kind: "request", message: /^this Monty was disposed/ });
});

test("a program ends although its worker was not disposed", async () => {
  const program = `
    import { createMonty } from ${JSON.stringify(new URL("../src/worker-node.js", import.meta.url).href)};
    const monty = await createMonty();
    console.log((await monty.run("6 * 7")).value);`;
  const { stdout } = await promisify(execFile)(process.execPath, ["--input-type=module", "--eval", program], { timeout: 60_000 });
  assert.equal(stdout, "42\n");
});

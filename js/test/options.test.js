// Options and arguments that are misspelt or of another type: nothing runs.

import assert from "node:assert/strict";
import { after, before, describe, test } from "node:test";

import * as m from "../src/index.js";
import * as slim from "../src/slim.js";

let monty;
let session;
before(async () => {
  monty = await m.createMonty();
  session = await monty.session();
});
after(() => {
  session.close();
  monty.dispose();
});

const script = "raise ValueError('it ran')";
const limitNames =
  "`limits.durationMs`, `limits.memoryBytes`, `limits.recursionDepth`, `limits.gcInterval`, `limits.hostDurationMs`, `limits.waitDurationMs`, `limits.calls`, `limits.outputBytes`, `limits.messageBytes`, `limits.concurrentCalls`, `limits.hostMemoryBytes`";

describe("an unknown option is a TypeError that names it", () => {
  const cases = [
    [
      () => monty.run(script, { limits: { duration: 200 } }),
      `run(): unknown option \`limits.duration\`; did you mean \`limits.durationMs\`? The options are ${limitNames}`,
    ],
    [() => monty.run(script, { limits: { duration_ms: 200 } }), /unknown option `limits\.duration_ms`; did you mean `limits\.durationMs`\?/],
    [() => monty.run(script, { input: {} }), /^run\(\): unknown option `input`; did you mean `inputs`\? The options are `inputs`, `tools`, /],
    [() => monty.run(script, { zone: "UTC" }), /^run\(\): unknown option `zone`\. The options are /],
    [() => monty.runSync(script, { tool: {} }), /^runSync\(\): unknown option `tool`; did you mean `tools`\?/],
    [() => monty.session({ inputs: {} }), /^session\(\): unknown option `inputs`\./],
    [() => monty.restore(new Uint8Array(), { limits: { durationMs: 5 } }), /^restore\(\): unknown option `limits\.durationMs`\./],
    [() => monty.resume(new Uint8Array(), {}, { clock: 0 }), /^resume\(\): unknown option `clock`\./],
    [() => monty.resume(new Uint8Array(), [{ id: 0, val: 1 }]), /^resume\(\), in an answer: unknown option `val`; did you mean `value`\?/],
    [() => session.feed(script, { input: {} }), /^feed\(\): unknown option `input`; did you mean `inputs`\?/],
    [() => session.call("f", [], {}, { await: true }), /^call\(\): unknown option `await`; did you mean `awaits`\?/],
    [() => m.createMonty({ idle: 3 }), /^createMonty\(\): unknown option `idle`; did you mean `idleInstances`\? The options are `jspi`, `idleInstances`$/],
    [() => new m.MemoryFiles({}, { readonly: true }), /^MemoryFiles: unknown option `readonly`; did you mean `readOnly`\?/],
    [() => m.tool(() => 1, ["a"], { doc: "A." }), /^tool\(\): unknown option `doc`; did you mean `docstring`\?/],
    [() => monty.run(script, { os: { raed: () => "" } }), /^run\(\): unknown method `os\.raed`; did you mean `os\.read`\? The methods are `os\.stat`, `os\.readLink`, /],
    [() => monty.run(script, { os: { readText: () => "" } }), /^run\(\): unknown method `os\.readText`; did you mean `os\.read`\?/],
    [() => monty.run(script, { os: { exists: () => true } }), /^run\(\): unknown method `os\.exists`\. The methods are /],
    [() => monty.run(script, { os: new (class { createDirectry() {} })() }), /^run\(\): unknown method `os\.createDirectry`; did you mean `os\.createDirectory`\?/],
    [() => monty.run(script, { os: new (class extends m.MemoryFiles { listdirectory() {} })() }), /^run\(\): unknown method `os\.listdirectory`; did you mean `os\.listDirectory`\?/],
    [() => new m.OsError("no-such-file"), /^OsError: unknown code "no-such-file"\. The codes are not-found, /],
    [() => new m.OsError("notfound"), /^OsError: unknown code "notfound"; did you mean "not-found"\?/],
    [() => m.asyncTool(() => 1, ["a"], { async: true }), /^asyncTool\(\): unknown option `async`\./],
    [() => new m.PyClass("P", { method: {} }), /^PyClass: unknown option `method`; did you mean `methods`\?/],
    [() => new m.TimeDelta({ hours: 1 }), /^TimeDelta: unknown option `hours`\. The options are `days`, `seconds`, `microseconds`$/],
    [() => new m.PyDateTime({ year: 2024, month: 1, day: 1, minutes: 5 }), /^PyDateTime: unknown option `minutes`; did you mean `minute`\?/],
  ];
  for (const [call, message] of cases) {
    test(String(message), () => assert.rejects(async () => call(), { name: "TypeError", message }));
  }
});

describe("a value that an option cannot have is a TypeError that says what it can", () => {
  const options = [
    [{ tools: { f: 3 } }, "the option `tools.f` must be a function, tool() or asyncTool(), not 3"],
    [{ tools: [() => 1] }, "the option `tools` must be a plain object, or a Map whose keys are strings, not an array"],
    [{ tools: new Map([[1, () => 1]]) }, /must be a plain object, or a Map whose keys are strings, not a Map$/],
    [{ inputs: Promise.resolve({}) }, /^run\(\): the option `inputs` must be a plain object, .*, not a Promise$/],
    [{ limits: 200 }, "the option `limits` must be a plain object, not 200"],
    [{ limits: { durationMs: "200" } }, 'the option `limits.durationMs` must be a number of milliseconds not below 0, or Infinity, not "200"'],
    [{ limits: { durationMs: Number.NaN } }, /not NaN$/],
    [{ limits: { memoryBytes: -1 } }, "the option `limits.memoryBytes` must be an integer from 0 to 2147483648, not -1"],
    [{ limits: { memoryBytes: 2 ** 40 } }, "the option `limits.memoryBytes` must be an integer from 0 to 2147483648, not 1099511627776"],
    [{ limits: { recursionDepth: 1001 } }, "the option `limits.recursionDepth` must be an integer from 1 to 1000, not 1001"],
    [{ limits: { calls: 1.5 } }, "the option `limits.calls` must be an integer not below 0, or Infinity, not 1.5"],
    [{ limits: { messageBytes: null } }, "the option `limits.messageBytes` must be an integer not below 0, not null"],
    [{ os: { read: "x" } }, 'the option `os.read` must be a function, not "x"'],
    [{ print: console }, /^run\(\): the option `print` must be a function, not an? /],
    [{ signal: new AbortController() }, "the option `signal` must be an AbortSignal, not an AbortController"],
    [{ sleep: 10 }, "the option `sleep` must be true or false, not 10"],
    [{ values: "other" }, 'the option `values` must be "natural" or "exact", not "other"'],
    [{ clock: "noon" }, 'the option `clock` must be "system", "host", a Date, milliseconds since 1970, or a bigint of nanoseconds since 1970, not "noon"'],
    [{ clock: 10n ** 30n }, /^run\(\): the option `clock` must be .*, not a bigint$/],
    [{ clock: new Date(Number.NaN) }, /^run\(\): the option `clock` must be .*, not a Date$/],
    [{ randomness: -1 }, 'the option `randomness` must be "system", "host" or a seed: an integer from 0 to 2^64 - 1, not -1'],
    [{ randomness: 10n ** 5000n }, /not a bigint$/],
    [{ localTimezone: 2 }, "the option `localTimezone` must be the name of a zone or a TimeZone, not 2"],
    [{ scriptName: 1 }, "the option `scriptName` must be a string, not 1"],
    ["1", 'the options must be a plain object, not "1"'],
  ];
  for (const [given, expected] of options) {
    const message = typeof expected === "string" ? `run(): ${expected}` : expected;
    test(String(message), () => assert.rejects(() => monty.run(script, given), { name: "TypeError", message }));
  }

  const calls = [
    [() => monty.run(5), "run(): the source must be a string, not 5"],
    [() => monty.resume({ calls: [] }, {}), "resume(): the first argument must be a suspension or its snapshot, not an object"],
    [() => monty.resume(new Uint8Array(), "yes"), /^resume\(\): the answers must be an object or a Map/],
    [() => monty.resume(new Uint8Array(), { first: 1 }), /^resume\(\), in an answer: the option `id` must be an integer from 0 to 4294967295, not NaN$/],
    [() => monty.restore("bytes"), 'restore(): the snapshot must be a Uint8Array, not "bytes"'],
    [() => session.call("f", { x: 1 }), "call(): the positional arguments must be an array, not an object"],
    [() => m.createMonty({ jspi: "yes" }), 'createMonty(): the option `jspi` must be true or false, not "yes"'],
    [() => slim.createMonty(), /^createMonty\(\) of monty-host\/slim needs the option `module`/],
    [async () => (await slim.createMonty({ module: "monty.wasm" })).run("1"), /^the option `module` must be a WebAssembly\.Module or a Response/],
    [() => m.tool("f"), 'tool(): the handler must be a function, not "f"'],
    [() => m.tool(() => 1, undefined, { signal: true }), "tool(): the option `signal` needs parameters, after which the handler gets it"],
    [() => m.tool(() => 1, "city"), 'tool(): the parameters must be an array of names, [name, default], "*", "*args" and "**kwargs", in Python\'s order, not "city"'],
    [() => m.tool(() => 1, [["unit"]]), /^tool\(\): the parameters must be an array of names/],
    ...[["a", "a"], [["a", 1], "b"], ["**rest", "a"], ["*a", "*b"], ["**"]].map((parameters) => [
      () => m.tool(() => 1, parameters),
      /^tool\(\): the parameters must be an array of names/,
    ]),
    [() => new m.MemoryFiles({ "/a": 1 }), 'MemoryFiles: the content of "/a" must be a string, a Uint8Array, or null for a folder, not 1'],
    [() => new m.MemoryFiles({}, { maxBytes: "1k" }), 'MemoryFiles: the option `maxBytes` must be an integer not below 0, not "1k"'],
    [() => new m.MemoryFiles({}, { environment: { A: 1 } }), "MemoryFiles: the option `environment.A` must be a string, not 1"],
    [() => new m.PyClass("P", { methods: { f: 1 } }), "PyClass: the option `methods.f` must be a function, tool() or asyncTool(), not 1"],
    [() => new m.PyTime({ timezone: "UTC" }), 'PyTime: the option `timezone` must be a TimeZone, not "UTC"'],
  ];
  for (const [call, message] of calls) {
    test(String(message), () => assert.rejects(async () => call(), { name: "TypeError", message }));
  }
});

test("an `os` may be a class with more than operations, and an object with data", async () => {
  class Counted extends m.MemoryFiles {
    reads = 0;
    read(path) {
      this.reads += 1;
      return super.read(path);
    }
    report() {
      return this.reads;
    }
  }
  const os = new Counted({ "/f": "x" });
  await monty.run("open('/f').read()", { os });
  assert.equal(os.report(), 1);
  const plain = { text: "data", read() { return new TextEncoder().encode(this.text); }, open() {} };
  assert.equal((await monty.run("open('/f').read()", { os: plain })).value, "data");
});

test("an option that is undefined is one that was left out", async () => {
  const { value } = await monty.run("x = 0\nwhile x < 20: x += f()\nx", {
    inputs: undefined,
    tools: { f: () => 1 },
    limits: { calls: undefined, durationMs: undefined },
  });
  assert.equal(value, 20);
});

test("options of a session: a feed takes the session's limits where it has none of its own", async () => {
  const limited = await monty.session({ limits: { calls: 3, memoryBytes: 2 ** 20 }, tools: { f: () => 1 } });
  const grow = "def grow():\n    x = []\n    while True: x.append('a' * 1000)\ngrow()";
  await assert.rejects(() => limited.feed(grow, { limits: { durationMs: 60_000 } }), { kind: "limit", limit: "memory" });
  assert.equal((await limited.feed("f() + f() + f() + f()", { limits: { calls: 4 } })).value, 4);
  await assert.rejects(() => limited.feed("f() + f() + f() + f()"), { kind: "limit", limit: "calls" });
  limited.close();
});

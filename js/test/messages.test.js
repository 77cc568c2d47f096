// How much one message may hold, in both directions.

import assert from "node:assert/strict";
import { execFile } from "node:child_process";
import { describe, test } from "node:test";
import { promisify } from "node:util";

import * as m from "../src/index.js";
import { fromBytes, isLonger, toBytes } from "../src/integers.js";
import { describeBoth } from "./support.js";

describeBoth("messages", (context) => {
  const shared = "d = [{'a': None}] * 1000\n";
  const many = () => new Array(1000).fill(Array.from({ length: 1000 }, () => null));
  const text = "x".repeat(5000);
  // Each is fine for a limit of 64 MiB, or takes more than that.
  const cases = {
    "arguments that hold one object many times": ["f([d] * 3600)", {}],
    "a result that does": ["[d] * 3600", {}],
    "arguments that do together": ["f([d] * 200, [d] * 200, [d] * 200)", {}],
    "an answer that does": ["f()", { f: many }],
    "an answer of a promise": ["f()", { f: async () => many() }],
    "an answer that is awaited": ["await f()", { f: m.asyncTool(async () => many()) }],
    "an answer that nobody awaits": ["t = f()\nf()", { f: m.asyncTool(many) }],
    "an exception of a tool": ["f()", { f: () => { throw new Error("x".repeat(70 << 20)); } }],
  };
  for (const [name, [source, tools]] of Object.entries(cases)) {
    test(`${name} end the run`, async () => {
      const options = { tools: { f: () => 1, ...tools } };
      const caught = `${shared}print('here')\ntry:\n    x = ${source.split("\n").join("\n    x = ")}\nexcept BaseException:\n    x = None\nx`;
      await assert.rejects(() => context.evaluate(caught, options), {
        kind: "limit",
        limit: "message",
        message: /more than 67108864 bytes \(limits\.messageBytes\)/,
        printed: "here\n",
      });
      assert.equal(await context.evaluate("1"), 1);
    });
  }

  test("the limit is an option, and counts texts, bytes, objects and children", async () => {
    const run = (source, messageBytes, options) => context.evaluate(source, { limits: { messageBytes }, ...options });
    const tools = { f: () => text };
    for (const [source, bytes, options] of [
      ["'x' * 5000", 64 + 5000],
      ["b'x' * 5000", 64 + 5000],
      ["['x' * 5000]", 64 + 32 + 64 + 5000],
      ["[None] * 10", 64 + 10 * (32 + 64)],
      ["{1: 'é'}", 64 + 2 * 32 + 64 + 64 + 2],
      ["2 ** 798", 64 + 100],
      ["len(f())", 64 + 5000, { tools }],
      ["len(x)", 64 + 5000, { inputs: { x: text } }],
      ["len(x)", 64 + 32 + 64 + 5000, { inputs: { x: [text] } }],
      ["1 if x else 0", 64 + 100, { inputs: { x: -(2n ** 799n) } }],
      ["len(open('/f').read())", 64 + 5000, { os: new m.MemoryFiles({ "/f": text }) }],
    ]) {
      await run(source, bytes, options);
      await assert.rejects(() => run(source, bytes - 1, options), { kind: "limit", limit: "message" }, source);
    }
  });

  test("so do files, listings, scans and the environment", async () => {
    const os = new m.MemoryFiles(
      new Map(Array.from({ length: 100 }, (_, index) => [`/many/${"n".repeat(100)}${index}`, ""])),
      { environment: { LONG: text } },
    );
    const limits = { messageBytes: 4000 };
    for (const source of [
      "open('/f', 'w').write('x' * 5000)",
      "os.listdir('/many')",
      "list(os.walk('/'))",
      "os.getenv('LONG')",
      "os.environ['LONG']",
    ]) {
      await assert.rejects(() => context.evaluate(`import os\n${source}`, { os, limits }), { kind: "limit", limit: "message" }, source);
    }
    const shop = { importModule: () => new m.Module("shop", { text }) };
    await assert.rejects(() => context.evaluate("import shop", { os: shop, limits }), { kind: "limit", limit: "message" });
  });

  test("a session goes on after a result that was too large", async () => {
    const session = await context.monty.session({ limits: { messageBytes: 4000 } });
    await assert.rejects(() => session.feed("x = 'x' * 5000\nx"), { kind: "limit", limit: "message" });
    assert.equal((await session.feed("len(x)")).value, 5000);
    await assert.rejects(() => session.feed("y", { inputs: { y: text } }), { kind: "limit", limit: "message" });
    assert.equal((await session.feed("len(y)", { inputs: { y: text }, limits: { messageBytes: 6000 } })).value, 5000);
    session.close();
  });

  test("answers from outside are counted", async () => {
    const limits = { messageBytes: 4000 };
    const { suspension } = await context.monty.run("len(ask())", { tools: { ask: () => m.suspend } });
    const id = suspension.calls[0].id;
    await assert.rejects(() => context.monty.resume(suspension, { [id]: text }, { limits }), { kind: "limit", limit: "message" });
    assert.equal((await context.monty.resume(suspension, { [id]: text })).value, 5000);
  });
});

describe("large ints", () => {
  test("take as few bytes as hold them", () => {
    const lengths = [
      [0n, 1],
      [1n, 1],
      [-1n, 1],
      [127n, 1],
      [128n, 2],
      [-128n, 1],
      [-129n, 2],
      [255n, 2],
      [32767n, 2],
      [32768n, 3],
      [2n ** 63n, 9],
      [-(2n ** 63n), 8],
      [-(2n ** 63n) - 1n, 9],
      [255n ** 90n, 91],
      [-(255n ** 90n), 91],
    ];
    for (const [value, length] of lengths) {
      const bytes = toBytes(value);
      assert.equal(bytes.length, length, String(value));
      assert.equal(fromBytes(bytes), value);
      assert.equal(isLonger(value, length), false, String(value));
      if (length > 1) assert.equal(isLonger(value, length - 1), true, String(value));
    }
    assert.equal(fromBytes(new Uint8Array()), 0n);
    assert.equal(fromBytes(new Uint8Array([0xff, 0xff])), -1n);
  });

  test("of 50 MB cross both ways in 512 MB of heap", async () => {
    const program = `
      import { createMonty } from ${JSON.stringify(new URL("../src/index.js", import.meta.url).href)};
      const monty = await createMonty({ jspi: false });
      const tools = { negate: (value) => -value };
      const options = { tools, limits: { durationMs: Infinity, hostDurationMs: Infinity, memoryBytes: 2 ** 30 } };
      const { value } = await monty.run("negate(1 << 400_000_000) == -(1 << 400_000_000)", options);
      console.log(value);`;
    const { stdout } = await promisify(execFile)(process.execPath, [
      "--max-old-space-size=512",
      "--input-type=module",
      "--eval",
      program,
    ]);
    assert.equal(stdout, "true\n");
  });

  test("larger than the limit are refused without writing out their digits", async () => {
    const monty = await m.createMonty({ jspi: false });
    const tools = { f: () => 1n << 900_000_000n };
    const message = "the int takes more than 67108864 bytes (limits.messageBytes), counting shared objects at each place that holds them";
    await assert.rejects(() => monty.run("f()", { tools }), { kind: "limit", limit: "message", message });
    await assert.rejects(() => monty.run("1 << 900_000_000", { limits: { memoryBytes: 2 ** 30 } }), { kind: "limit", limit: "message" });
    monty.dispose();
  });
});

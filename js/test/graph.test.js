// Messages that the component must not send, and the traps of the generated code.

import assert from "node:assert/strict";
import { describe, test } from "node:test";

import { decodeValue } from "../src/decode.js";
import { encodeValue } from "../src/encode.js";
import { withVersions } from "../src/imports.js";
import { createMonty } from "../src/index.js";

const empty = {
  kinds: new Uint8Array(),
  counts: new Uint32Array(),
  children: new Uint32Array(),
  integers: new BigInt64Array(),
  floats: new Float64Array(),
  textLengths: new Uint32Array(),
  text: "",
  blobLengths: new Uint32Array(),
  blobs: new Uint8Array(),
  rare: [],
};

const decode = (columns, root = { tag: "node", val: 0 }) => decodeValue({ root, graph: { ...empty, ...columns } });
const kinds = (...list) => Uint8Array.from(list);
const u32 = (...list) => Uint32Array.from(list);
const rare = (tag, val) => ({ kinds: kinds(14), rare: [{ tag, val }] });

describe("graphs that are refused", () => {
  const cases = [
    [{ kinds: kinds(15) }, "the graph holds an object of kind 15, which is not a kind"],
    [{ kinds: kinds(5) }, "the graph's column `integers` is shorter than its objects need"],
    [{ kinds: kinds(0), floats: new Float64Array(1) }, "the graph's column `floats` has 1 entries more than its objects take"],
    [{ kinds: kinds(9) }, "the graph's column `counts` is shorter than its objects need"],
    [{ kinds: kinds(9), counts: u32(2 ** 32 - 1) }, "the graph's column `children` is shorter than its objects need"],
    [{ kinds: kinds(9), counts: u32(1), children: u32(0) }, "graph object 0 holds object 0, which does not stand before it"],
    [{ kinds: kinds(9), counts: u32(1), children: u32(7) }, "graph object 0 holds object 7, which does not stand before it"],
    [{ kinds: kinds(0, 13), counts: u32(1), children: u32(0) }, "graph object 1 holds pairs, but has 1 children"],
    [{ kinds: kinds(7), textLengths: u32(2), text: "a" }, "the graph's column `text` is shorter than its objects need"],
    [{ kinds: kinds(7), textLengths: u32(1), text: "ab" }, "the graph's column `text` has 1 entries more than its objects take"],
    [{ kinds: kinds(7), textLengths: u32(1), text: "ä" }, "a length in the graph's column `text-lengths` ends inside a character"],
    [{ kinds: kinds(7, 7), textLengths: u32(1, 3), text: "😀" }, "a length in the graph's column `text-lengths` ends inside a character"],
    [{ kinds: kinds(8), blobLengths: u32(2), blobs: kinds(1) }, "the graph's column `blobs` is shorter than its objects need"],
    [{ kinds: kinds(8), blobLengths: u32(1), blobs: kinds(1, 2) }, "the graph's column `blobs` has 1 entries more than its objects take"],
    [
      { kinds: kinds(5, 14), integers: BigInt64Array.of(1n), counts: u32(2), children: u32(0, 0), rare: [{ tag: "module", val: { name: "m", id: { high: 0n, low: 0n } } }] },
      "graph object 1 has an attribute whose name, object 0, is no str",
    ],
    [rare("big-integer", Uint8Array.of(7, 0)), "graph object 0 is an int of 2 bytes, which is not the least number that holds it"],
    [rare("decimal", "1,5"), 'the graph holds an invalid value: "1,5" is not a decimal number'],
    [rare("date", { year: 2023, month: 2, day: 29 }), "the graph holds an invalid value: day must be an integer from 1 to 28, not 29"],
    [
      { ...rare("named-tuple", { typeName: "P", fieldNames: ["x"] }), counts: u32(0) },
      "graph object 0 is a named tuple with 1 fields and 0 values",
    ],
    [
      { kinds: kinds(0, 14), rare: [{ tag: "instance", val: { class: 0, id: { high: 0n, low: 0n } } }], counts: u32(0) },
      "graph object 1 is an instance of object 0, which is not a class that stands before it",
    ],
    [{ kinds: kinds(9, ...Array(1100).fill(9)), counts: u32(0, ...Array(1100).fill(1)), children: u32(...Array(1100).keys()) },
      "graph object 1025 is nested more than 1024 levels deep"],
    [doubling(40), "graph object 19 takes more than 67108864 bytes (limits.messageBytes), counting shared objects at each place that holds them"],
  ];
  for (const [columns, message] of cases) {
    test(String(message), () => assert.throws(() => decode(columns), { name: "GraphError", message }));
  }

  test("an operand outside of the graph", () => {
    const message = "an operand names graph object 1, but the graph has 1";
    assert.throws(() => decode({ kinds: kinds(0) }, { tag: "node", val: 1 }), { name: "GraphError", message });
    assert.throws(() => decodeValue({ root: { tag: "node", val: 0 } }), { name: "GraphError" });
  });
});

test("strings are cut at the lengths of their UTF-8", () => {
  const value = ["", "a", "ü", "€", "😀", "\ufeff", "plain"];
  assert.deepEqual(decodeValue(encodeValue(value)), value);
});

test("a thousand rows keep their keys once", () => {
  const rows = Array.from({ length: 1000 }, (_, id) => ({ id, name: `row ${id}` }));
  const message = encodeValue(rows);
  assert.equal(message.graph.textLengths.length, 1002);
  assert.deepEqual(decodeValue(message), rows);
});

describe("the generated code", () => {
  test("imports are found with and without a version", () => {
    const imports = withVersions({ "monty:sandbox/print": "found" });
    assert.equal(imports["monty:sandbox/print"], "found");
    assert.equal(imports["monty:sandbox/print@0.2.0"], "found");
    assert.equal(imports["monty:sandbox/other@0.2.0"], undefined);
  });

  test("imports are bound once, and each run has its own tools", async () => {
    const monty = await createMonty({ jspi: false });
    await monty.prepare();
    assert.equal(monty.runSync("f()", { tools: { f: () => 1 } }).value, 1);
    assert.equal(monty.runSync("f()", { tools: { f: () => 2 } }).value, 2);
    assert.throws(() => monty.runSync("f()"), { type: "NameError" });
  });

});

describe("instances", () => {
  /** How many instances of the interpreter `work` creates. */
  async function countInstances(work) {
    const { Instance } = WebAssembly;
    let count = 0;
    WebAssembly.Instance = class extends Instance {
      constructor(module, imports) {
        super(module, imports);
        if (this.exports.memory instanceof WebAssembly.Memory) count += 1;
      }
    };
    try {
      await work();
    } finally {
      WebAssembly.Instance = Instance;
    }
    return count;
  }

  test("each run has one of its own, also while it is suspended and resumed", async () => {
    const monty = await createMonty({ jspi: false });
    const tools = { f: async (x) => x };
    assert.equal(await countInstances(() => monty.run("1")), 1);
    assert.equal(await countInstances(() => monty.run("1")), 1);
    assert.equal(await countInstances(() => monty.run("f(1) + f(2) + f(3)", { tools })), 1);
    assert.equal(await countInstances(() => Promise.all([monty.run("f(1)", { tools }), monty.run("f(2)", { tools })])), 2);
    assert.equal(await countInstances(async () => (await monty.session()).close()), 1);
    assert.equal(await countInstances(() => monty.runSync("1")), 1);
    assert.equal(await countInstances(() => monty.runSync("1")), 1);
  });

  test("prepare() creates one ahead, for one run", async () => {
    const monty = await createMonty({ jspi: false });
    assert.equal(await countInstances(() => monty.prepare()), 1);
    assert.equal(await countInstances(() => monty.prepare()), 0);
    assert.equal(await countInstances(() => monty.run("1")), 0);
    assert.equal(await countInstances(() => monty.run("1")), 1);
  });

  test("with idleInstances one serves the next run, unless an error unwound through it or its memory is large", async () => {
    const monty = await createMonty({ jspi: false, idleInstances: 1 });
    const fails = (source, options, error) => countInstances(() => assert.rejects(() => monty.run(source, options), error));
    assert.equal(await countInstances(() => monty.run("1")), 1);
    assert.equal(await countInstances(() => monty.run("1")), 0);
    assert.equal(await fails("1/0", {}, { kind: "script" }), 0);
    assert.equal(await fails("x =", {}, { kind: "source" }), 0);
    assert.equal(await countInstances(() => monty.run("1")), 0);
    const unwinding = { tools: { f: () => 1 }, limits: { calls: 0 } };
    assert.equal(await fails("f()", unwinding, { limit: "calls" }), 0);
    assert.equal(await countInstances(() => monty.run("1")), 1);
    assert.equal(await countInstances(() => monty.run("len('x' * 110_000_000)")), 0);
    assert.equal(await countInstances(() => monty.run("1")), 1);
  });
});

function doubling(levels) {
  return {
    kinds: kinds(0, ...Array(levels).fill(9)),
    counts: u32(...Array(levels).fill(2)),
    children: u32(...Array.from({ length: levels }, (_, level) => [level, level]).flat()),
  };
}

// The conformance kit: messages through the codec, scripts and the corpus of files
// through the host.

import assert from "node:assert/strict";
import { after, before, describe, test } from "node:test";

import { decodeValue } from "../src/decode.js";
import { encodeValue } from "../src/encode.js";
import { createMonty as createInWorker } from "../src/worker-node.js";
import { describe as meaningOf, fromHex, open, toFloat, toValue } from "./conformance/meanings.js";
import { names, readJson } from "./conformance/kit.js";
import * as host from "./conformance/host.js";
import { play } from "./conformance/scripts.js";
import * as system from "./conformance/system.js";
import { describeBoth, instantiate, kinds } from "./support.js";

const rules = new Map(readJson("rules.json").rules.map((rule) => [rule.name, rule]));

for (const name of names("messages", ".json")) {
  describe(`messages: ${name}`, () => {
    for (const message of readJson(`messages/${name}.json`).messages) {
      test(message.name, () => checkMessage(message));
    }
  });
}

for (const kind of kinds) {
  describe(`scripts, with the ${kind} code`, () => {
    for (const name of names("scripts", ".json")) test(name, () => play(name, (imports) => instantiate(kind, imports)));
  });
}

describeBoth("scripts, with tools of this package", (context) => {
  for (const name of names("scripts", ".json")) {
    const script = host.read(name);
    test(name, { skip: script.skip }, () => host.play(context.monty, script));
  }
});

describe("in a worker", () => {
  let monty;
  before(async () => {
    monty = await createInWorker();
  });
  after(() => monty.dispose());

  // A script learns later that its print failed, and may print more until then.
  for (const name of names("scripts", ".json").filter((one) => one !== "print-raised")) {
    const script = host.read(name);
    test(`scripts: ${name}`, { skip: script.skip }, () => host.play(monty, script));
  }

  for (const given of system.cases) {
    if (given.needs?.includes("links")) continue;
    test(`the system: ${given.name}`, () => system.check(monty, given, { who: ["interpreter", "fixed-clock", "memory"] }));
  }
});

describeBoth("the system", (context) => {
  for (const given of system.cases) {
    const needs = given.needs ?? [];
    // Files in memory have no links.
    if (needs.includes("links")) continue;
    const who = ["interpreter", "fixed-clock", "memory"];
    test(given.name, () => system.check(context.monty, given, { who }));
    if (given.now !== undefined) {
      const own = ["interpreter", "host-clock", "memory"];
      test(`${given.name}, by the program's clock`, () => system.check(context.monty, given, { hostClock: true, who: own }));
    }
    if (needs.includes("writes")) continue;
    test(`${given.name}, read-only`, () => system.check(context.monty, given, { readOnly: true, who: [...who, "read-only"] }));
  }
});

function checkMessage({ root, graph, means, breaks, receiver }) {
  const decode = () => decodeValue({ root: toOperand(root), graph: graph && toGraph(graph) }, { style: "exact" });
  if (breaks !== undefined) {
    const { name, "refused-by": refusedBy } = rules.get(breaks);
    // What only Python knows is not a host's to refuse.
    if (refusedBy === "interpreter") decode();
    else assert.throws(decode, { name: "GraphError" }, name);
    return;
  }
  const decoded = decode();
  if (receiver === "interpreter") return;
  assert.equal(meaningOf(decoded), meaningOf(toValue(means)));
  for (const value of [decoded, toValue(means)]) {
    assert.equal(meaningOf(decodeValue(encodeValue(value), { style: "exact" })), meaningOf(toValue(means)), "after a way back");
  }
}

function toOperand(root) {
  const [tag, content] = open(root);
  switch (tag) {
    case "null":
      return { tag };
    case "integer":
      return { tag, val: BigInt(content) };
    case "float":
      return { tag, val: toFloat(content) };
    case "bytes":
      return { tag, val: fromHex(content) };
    default:
      return { tag, val: content };
  }
}

function toGraph(columns) {
  const column = (name) => columns[name] ?? [];
  return {
    kinds: Uint8Array.from(column("kinds")),
    counts: Uint32Array.from(column("counts")),
    children: Uint32Array.from(column("children")),
    integers: BigInt64Array.from(column("integers"), BigInt),
    floats: Float64Array.from(column("floats"), toFloat),
    textLengths: Uint32Array.from(column("text-lengths")),
    text: columns.text ?? "",
    blobLengths: Uint32Array.from(column("blob-lengths")),
    blobs: fromHex(columns.blobs ?? ""),
    rare: column("rare").map(toRare),
  };
}

/** A rare object with the names and the types of the generated code. */
function toRare(node) {
  const [tag, content] = open(node);
  if (tag === "big-integer") return { tag, val: fromHex(content) };
  return { tag, val: toRecord(content) };
}

function toRecord(content) {
  if (content === null) return undefined;
  if (typeof content !== "object" || Array.isArray(content)) return content;
  return Object.fromEntries(
    Object.entries(content).map(([name, value]) => {
      const field = name.replace(/-(.)/g, (_, letter) => letter.toUpperCase());
      if (name === "id") return [field, toObjectId(value)];
      if (name === "position") return [field, BigInt(value)];
      if (name === "real" || name === "imaginary") return [field, toFloat(value)];
      return [field, toRecord(value)];
    }),
  );
}

function toObjectId(uuid) {
  const digits = uuid.replaceAll("-", "");
  return { high: BigInt(`0x${digits.slice(0, 16)}`), low: BigInt(`0x${digits.slice(16)}`) };
}

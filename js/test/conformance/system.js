// The corpus of `conformance/system/`, on the files of this package.

import assert from "node:assert/strict";

import { MemoryFiles, TimeZone } from "../../src/index.js";
import { fromHex } from "./meanings.js";
import { names, readJson, readText } from "./kit.js";

const ROOT = "/data";

const { differences } = readJson("system/differences.json");

export const cases = names("system", ".json").filter((name) => name !== "differences").map((name) => ({
  name,
  ...readJson(`system/${name}.json`),
}));

/** Runs a case, and compares what it prints line by line. `who` are the names in the list of differences. */
export async function check(monty, { name, script = `${name}.py`, tree, environment, now, timezone }, { readOnly = false, hostClock = false, who }) {
  const entries = new Map([[ROOT, null], ...tree.map((entry) => [`${ROOT}/${entry.directory ?? entry.file}`, toContent(entry)])]);
  const os = new MemoryFiles(entries, { environment, readOnly });
  const nanoseconds = now && BigInt(now.seconds) * 1_000_000_000n + BigInt(now.nanoseconds);
  if (hostClock) Object.assign(os, { now: () => nanoseconds, monotonicNow: () => 0 });
  const { printed } = await monty.run(readText("system/show.py") + readText(`system/${script}`), {
    inputs: { root: ROOT },
    os,
    workingDirectory: ROOT,
    clock: hostClock ? "host" : nanoseconds,
    localTimezone: typeof timezone === "object" ? new TimeZone(timezone["offset-seconds"], timezone.name) : timezone,
    limits: { calls: 100_000 },
  });
  const expected = byLabel(readText(`system/${name}.out`));
  for (const difference of differences.filter((listed) => who.includes(listed.who))) {
    for (const [label, result] of Object.entries(difference.lines[name] ?? {})) expected.set(label, result);
  }
  assert.deepEqual(inOrder(byLabel(printed)), inOrder(expected));
}

function toContent(entry) {
  if (entry.directory !== undefined) return null;
  return entry.bytes === undefined ? entry.text : fromHex(entry.bytes);
}

function byLabel(text) {
  return new Map(text.split("\n").slice(0, -1).map((line) => line.split(/ \| (.*)/s).slice(0, 2)));
}

function inOrder(lines) {
  return [...lines].map(([label, result]) => `${label} | ${result}`).toSorted();
}

// What the host costs. Prints medians of one machine; ratios say more.

import { createMonty } from "./src/index.js";
import { createMonty as createInWorker } from "./src/worker-node.js";

const median = (times) => times.sort((a, b) => a - b)[times.length >> 1];
const format = (milliseconds) => (milliseconds < 1 ? `${(milliseconds * 1000).toFixed(1)} µs` : `${milliseconds.toFixed(2)} ms`);

async function measure(name, count, work) {
  const times = [];
  for (let round = 0; round < count; round += 1) {
    const start = performance.now();
    await work();
    times.push(performance.now() - start);
  }
  console.log(`${name.padEnd(44)} ${format(median(times))}`);
}

/** The time of one call, out of a loop in Python. */
async function measureCall(name, monty, tools, call) {
  const calls = 500;
  const script = (body) => `for _ in range(${calls}):\n    ${body}`;
  const times = [];
  for (let round = 0; round < 7; round += 1) {
    const start = performance.now();
    await monty.run(script(call), { tools });
    times.push((performance.now() - start) / calls);
  }
  console.log(`${name.padEnd(44)} ${format(median(times))}`);
}

const rows = Array.from({ length: 100 }, (_, id) => ({ id, name: `row ${id}`, price: id + 0.5, active: true, tag: "x" }));

console.log(`node ${process.versions.node}`);
const load = performance.now();
const fresh = await createMonty({ jspi: false });
await fresh.prepare();
console.log(`${"decode, compile, first instance".padEnd(44)} ${format(performance.now() - load)}`);
const first = performance.now();
await fresh.run("1 + 1");
console.log(`${"the first 1 + 1".padEnd(44)} ${format(performance.now() - first)}`);
await measure("a fresh instance and 1 + 1", 50, () => fresh.run("1 + 1"));

// The rest is measured on used instances: what a run costs beside its instance.
const monty = await createMonty({ jspi: false, idleInstances: 4 });
await monty.prepare();
await measure("1 + 1", 300, () => monty.run("1 + 1"));
await measureCall("a call", monty, { f: (x) => x }, "f(1)");
await measureCall("a call that gives 100 rows of 5 fields", monty, { f: () => rows }, "f()");
await measureCall("both ways, in two calls", monty, { f: (list) => list.length, g: () => rows }, "f(g())");
await measure("100 rows in and out", 200, () => monty.run("rows", { inputs: { rows } }));
const later = { f: async (x) => x };
await measure("a call that is suspended and resumed", 100, () => monty.run("f(1)", { tools: later }));
if (typeof WebAssembly.Suspending === "function") {
  const jspi = await createMonty({ idleInstances: 4 });
  await jspi.prepare();
  await measure("1 + 1, with JSPI", 300, () => jspi.run("1 + 1"));
  await measureCall("a call, with JSPI", jspi, { f: (x) => x }, "f(1)");
  await measureCall("an awaited call, with JSPI", jspi, later, "await f(1)");
}
const worker = await createInWorker({ jspi: false });
await worker.prepare();
await measure("in a worker: a fresh instance and 1 + 1", 50, () => worker.run("1 + 1"));
await measureCall("in a worker: a call", worker, { f: (x) => x }, "f(1)");
await measure("a worker terminated and started, and 1 + 1", 10, () => {
  worker.terminate();
  return worker.run("1 + 1");
});
worker.dispose();

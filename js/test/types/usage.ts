// What a program writes in TypeScript: checked, not run.

import { MemoryFiles, MontyError, asyncTool, createMonty, suspend, tool, type CallContext, type Os, type Report } from "../../src/index.js";
import { Toolbox } from "../../src/code-mode.js";
import { serve } from "../../src/serve.js";
import { createMonty as createSlim } from "../../src/slim.js";
import { createMonty as createInWorker, type WorkerMonty } from "../../src/worker.js";

const monty = await createMonty({ jspi: false });
const os: Os = new MemoryFiles({ "/a": "text" }, { environment: { REGION: "eu" } });
const report: Report<number> = await monty.run<number>("f(1) + g(b=2)", {
  os,
  tools: {
    f: (x: number) => x,
    g: tool((b: number) => b, ["a", ["b", 1]]),
    h: asyncTool(async () => suspend),
  },
  limits: { durationMs: 100, messageBytes: 2 ** 20 },
});
const doubled: number = report.value * 2;
if (report.suspension) await monty.resume(report.suspension, { [report.suspension.calls[0].id]: doubled });

const session = await monty.session({ randomness: 1n });
await session.call("f", [1], { b: 2 }, { awaits: true });

try {
  monty.runSync("1 / 0");
} catch (error) {
  if (error instanceof MontyError && error.kind === "limit") console.log(error.limit, error.hint?.advice);
}

const slim = await createSlim({ module: fetch("monty.wasm") });
await slim.run("1", { tools: new Map([["f", tool(() => 1)]]) });
await monty.run("f(1)", {
  tools: {
    f: asyncTool(async (url: string, { signal }: CallContext) => fetch(url, { signal }).then((r) => r.text()), ["url"], { signal: true }),
  },
  print: async (text) => console.log(text),
  clock: 1n,
  os: { now: () => new Date(), stat: (path) => ({ size: path.length, modified: 5 }), write: (path, data, mode) => void [path, data.length, mode] },
});
const content: Uint8Array = new MemoryFiles({ "/a": "b" }).read("/a");
const limited = new MemoryFiles({}, { environment: new Map([["A", "b"]]), maxBytes: 2 ** 20, maxEntries: 10 });

const inWorker: WorkerMonty = await createInWorker({ worker: () => new Worker("worker.js"), idleInstances: 1 });
const files = new MemoryFiles();
const count: number = (await inWorker.run<number>("f(1)", { os: files, tools: { f: (x: number) => x }, signal: AbortSignal.timeout(5) })).value;
const names: string[] = await (await inWorker.session({ os: files })).functions();
inWorker.terminate();
serve({ os: { now: () => 0 }, tools: { f: () => count } });

const toolbox = new Toolbox({
  tools: [{ name: "f", inputSchema: { type: "object" }, awaited: true, call: async ({ x }) => x }],
  namespaces: [{ name: "s", tools: [] }],
});
await monty.run("await f()", { ...toolbox.options, limits: { calls: 1 } });
const args: Record<string, any> = toolbox.argumentsOf(report.suspension!.calls[0]);
const stubs: string = toolbox.stubs("signature", names) + toolbox.tools[0].notes.join();
tool((a: number, rest: number[], { b }: { b: number }) => a + b, ["a", "*rest", "**others"]);

// @ts-expect-error An `os` of any other kind has to be in the worker.
await inWorker.run("1", { os: { now: () => 0 } });
// @ts-expect-error A detail has a name.
toolbox.stubs("short");
// @ts-expect-error The interpreter is not in that entry.
await createSlim();
// @ts-expect-error The limits of the interpreter are in the snapshot.
await monty.restore(session.dump(), { limits: { durationMs: 100 } });
// @ts-expect-error A session takes its inputs with each feed.
await monty.session({ inputs: {} });
// @ts-expect-error A limit has a name.
await monty.run("1", { limits: { seconds: 1 } });
// @ts-expect-error So has an operation.
const wrong: Os = { readText: () => "text" };
// @ts-expect-error A file is bytes.
const text: Os = { read: () => "text" };

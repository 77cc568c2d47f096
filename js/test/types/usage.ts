// What a program writes in TypeScript: checked, not run.

import { MemoryFiles, MontyError, asyncTool, createMonty, suspend, tool, type Os, type Report } from "../../src/index.js";

const monty = await createMonty({ jspi: false });
const os: Os = new MemoryFiles({ "/a": "text" }, { environment: { REGION: "eu" } });
const report: Report<number> = await monty.run<number>("f(1) + g(b=2)", {
  os,
  tools: {
    f: (x: number) => x,
    g: tool((b: number) => b, ["a", ["b", 1]]),
    h: asyncTool(async () => suspend),
  },
  limits: { durationMs: 100 },
});
const doubled: number = report.value * 2;
if (report.suspension) await monty.resume(report.suspension, { [report.suspension.calls[0].id]: doubled });

const session = await monty.session({ random: 1n });
await session.call("f", [1], { b: 2 }, { awaits: true });

try {
  monty.runSync("1 / 0");
} catch (error) {
  if (error instanceof MontyError && error.kind === "limit") console.log(error.limit, error.hint?.advice);
}

// @ts-expect-error A limit has a name.
await monty.run("1", { limits: { seconds: 1 } });
// @ts-expect-error So has an operation.
const wrong: Os = { readText: () => 5 };

// Each entry by its name: checked, not run.

import { createMonty, type Report } from "monty-host";
import { Toolbox } from "monty-host/code-mode";
import { createMonty as createLazy } from "monty-host/lazy";
import { createMonty as createSlim } from "monty-host/slim";
import { createMonty as createInWorker } from "monty-host/worker";
import { serve } from "monty-host/worker/serve";

const toolbox = new Toolbox({ tools: [{ name: "f", inputSchema: { type: "object" }, call: () => 1 }] });
const created = [createMonty(), createLazy(), createInWorker(), createSlim({ module: fetch("monty.wasm") })];
const reports: Report<number>[] = await Promise.all(created.map(async (monty) => (await monty).run<number>("f()", toolbox.options)));
serve({ tools: { f: () => reports.length } });

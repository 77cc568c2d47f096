// The same as worker.js, in Node: a thread of `node:worker_threads`.

import { Worker } from "node:worker_threads";

import { createMontyWith } from "./worker/create.js";

export * from "./api.js";

/** Creates a `Monty` whose scripts run in a worker thread. */
export async function createMonty(options) {
  return createMontyWith(startWorker, options);
}

function startWorker(source) {
  const port = 'globalThis.montyParentPort = require("node:worker_threads").parentPort;\n';
  // The flags of the process are not for this script: `--input-type` would make it a module.
  const worker = new Worker(port + source, { eval: true, execArgv: [], name: "monty" });
  worker.unref();
  return worker;
}

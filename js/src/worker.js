// The entry whose scripts run in a worker, so that they do not block the page. The
// interpreter is loaded with the first run.

import { createMontyWith } from "./worker/create.js";

export * from "./api.js";

/** Creates a `Monty` whose scripts run in a worker. */
export async function createMonty(options) {
  return createMontyWith(startWorker, options);
}

function startWorker(source) {
  const url = URL.createObjectURL(new Blob([source], { type: "text/javascript" }));
  const worker = new Worker(url, { type: "module", name: "monty" });
  // The script is loaded once the worker sends its first message, or never.
  worker.addEventListener("message", () => URL.revokeObjectURL(url), { once: true });
  return worker;
}

// The same as serve.js, in Node.

import { parentPort } from "node:worker_threads";

import { checkOptions, toEntries } from "./check.js";
import * as modules from "./modules.js";
import { serveOptions } from "./options.js";
import { nodePort } from "./worker/port.js";
import { serve as serveThrough } from "./worker/serve.js";

export * from "./api.js";

/** Serves the program from its worker thread. Once per worker. */
export function serve(options) {
  const { os, tools = {} } = checkOptions("serve()", options, serveOptions);
  if (parentPort === null) throw new Error("serve() is for a worker thread, and this is the main thread");
  serveThrough(nodePort(parentPort), modules, { os, tools: new Map(toEntries(tools)) });
}

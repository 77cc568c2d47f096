// `createMonty()` of the entries whose scripts run in a worker.

import { checkArgument, checkOptions } from "../check.js";
import { compilePacked } from "../compile.js";
import { workerOptions } from "../options.js";
import { WorkerMonty } from "./client.js";
import { Port } from "./port.js";

/** `startWorker` makes a worker of a script's text. */
export function createMontyWith(startWorker, options) {
  const { worker, ...engine } = checkOptions("createMonty()", options, workerOptions);
  let compiling;
  const start = async () => {
    const { default: packed } = await import("../../generated/interpreter.js");
    // Compiled once: the next worker gets the module.
    compiling ??= compilePacked(packed);
    const [module, { default: source }] = await Promise.all([
      compiling,
      worker === undefined ? import("../../generated/worker.js") : {},
    ]);
    const port = new Port(worker === undefined ? startWorker(source) : checkWorker(worker()));
    sendStart(port, module, packed, engine);
    return port;
  };
  return new WorkerMonty(start, engine);
}

function checkWorker(worker) {
  const isWorker = typeof worker?.postMessage === "function" && typeof worker.terminate === "function";
  return checkArgument("createMonty()", "the result of the option `worker`", worker, { wants: "a Worker", accepts: () => isWorker });
}

function sendStart(port, module, packed, options) {
  try {
    port.post({ type: "start", module, options });
  } catch {
    // Bun cannot send a module: the worker compiles its own.
    port.post({ type: "start", packed, options });
  }
}

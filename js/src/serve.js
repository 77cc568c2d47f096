// For the program's own worker file, started by `createMonty({ worker })` of
// monty-host/worker: to have an `os` in the worker, or under a Content-Security-Policy
// without `blob:`.

import { checkOptions, toEntries } from "./check.js";
import * as modules from "./modules.js";
import { serveOptions } from "./options.js";
import { webPort } from "./worker/port.js";
import { serve as serveThrough } from "./worker/serve.js";

export * from "./api.js";

/** Serves the page from its worker. Once per worker. */
export function serve(options) {
  const { os, tools = {} } = checkOptions("serve()", options, serveOptions);
  serveThrough(webPort(), modules, { os, tools: new Map(toEntries(tools)) });
}

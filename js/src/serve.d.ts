// For the program's own worker file, started by `createMonty({ worker })` of
// `monty-host/worker`.

import type { Os, Tools } from "./index.js";

export * from "./index.js";

export interface ServeOptions {
  /** Files, environment and clocks of scripts whose run has no `os`. Without it, everything is denied. */
  os?: Os;
  /** Functions in the worker that scripts can call, besides those of their run. Defaults to none. */
  tools?: Tools;
}

/** Serves the program from its worker. Once per worker. */
export function serve(options?: ServeOptions): void;

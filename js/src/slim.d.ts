// The package without the interpreter in it: the program brings the `monty.wasm` of
// the same version of the package.

import type { Monty, MontyOptions } from "./index.js";

export * from "./index.js";

export interface SlimOptions extends MontyOptions {
  /** `monty-host/monty.wasm`: compiled, or a `Response` that is compiled while it arrives. */
  module: WebAssembly.Module | Response | PromiseLike<WebAssembly.Module | Response>;
}

/** Creates a `Monty` on the interpreter in `module`. Once per program, page or worker. */
export function createMonty(options: SlimOptions): Promise<Monty>;

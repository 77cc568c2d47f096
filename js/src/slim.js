// The entry without the interpreter: the program brings `monty.wasm`.

import { checkOptions } from "./check.js";
import { compileGiven } from "./compile.js";
import * as modules from "./modules.js";
import { createMontyFrom } from "./monty.js";
import { slimOptions } from "./options.js";

export * from "./api.js";

/** Creates a `Monty` on the interpreter in `module`. Once per program, page or worker. */
export async function createMonty(options) {
  const { module, ...rest } = checkOptions("createMonty()", options, slimOptions);
  if (module === undefined) {
    throw new TypeError(
      "createMonty() of monty-host/slim needs the option `module`, such as fetch(url) of monty-host/monty.wasm",
    );
  }
  // Handled here, so that a rejection before the first run is not reported as unhandled.
  const interpreter = compileGiven(module);
  interpreter.catch(() => {});
  return createMontyFrom(async () => ({ modules, interpreter: await interpreter }), rest);
}

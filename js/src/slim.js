// The entry without the interpreter: the program brings `monty.wasm`.

import { createMontyFrom } from "./monty.js";
import { compileGiven } from "./modules.js";
import { checkOptions } from "./check.js";
import { slimOptions } from "./options.js";

export * from "./api.js";

/** Loads the interpreter from `module`. Once for a program, a page or a worker. */
export async function createMonty(options) {
  const { module, ...rest } = checkOptions("createMonty()", options, slimOptions);
  if (module === undefined) {
    throw new TypeError(
      "createMonty() of monty-host/slim needs the option `module`, such as fetch(url) of monty-host/monty.wasm",
    );
  }
  return createMontyFrom(() => compileGiven(module), rest);
}

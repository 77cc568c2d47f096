// The package's main entry: everything in static JavaScript modules, the interpreter
// too. Nothing is fetched or read from disk, so every bundler and engine takes it.

import packed from "../generated/interpreter.js";
import { checkOptions } from "./check.js";
import { compilePacked } from "./compile.js";
import * as modules from "./modules.js";
import { createMontyFrom } from "./monty.js";
import { montyOptions } from "./options.js";

export * from "./api.js";

/** Creates a `Monty`. Once per program, page or worker. */
export async function createMonty(options) {
  const checked = checkOptions("createMonty()", options, montyOptions);
  return createMontyFrom(async () => ({ modules, interpreter: await compilePacked(packed) }), checked);
}

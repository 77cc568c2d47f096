// The package's entry: everything in JavaScript modules, the interpreter too.
// Nothing is fetched and nothing is read from disk, so every bundler and every
// engine can take it as it is.

import packed from "../generated/interpreter.js";
import { createMontyFrom } from "./monty.js";
import { compilePacked } from "./modules.js";
import { checkOptions } from "./check.js";
import { montyOptions } from "./options.js";

export * from "./api.js";

/** Loads the interpreter. Once for a program, a page or a worker. */
export async function createMonty(options) {
  return createMontyFrom(() => compilePacked(packed), checkOptions("createMonty()", options, montyOptions));
}

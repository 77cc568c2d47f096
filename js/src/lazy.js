// The entry that is small until the first run: the interpreter and the code around it
// are modules that are then imported.

import { checkOptions } from "./check.js";
import { compilePacked } from "./compile.js";
import { createMontyFrom } from "./monty.js";
import { montyOptions } from "./options.js";

export * from "./api.js";

/** Creates a `Monty` that loads the interpreter with its first run or `prepare()`. */
export async function createMonty(options) {
  return createMontyFrom(load, checkOptions("createMonty()", options, montyOptions));
}

async function load() {
  const [modules, { default: packed }] = await Promise.all([import("./modules.js"), import("../generated/interpreter.js")]);
  return { modules, interpreter: await compilePacked(packed) };
}

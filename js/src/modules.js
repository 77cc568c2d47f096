// The component's core modules, and the code that jco generated between them.

import shims from "../generated/shims.js";
import { instantiate as jspi } from "../generated/monty.jspi.js";
import { instantiate as sync } from "../generated/monty.sync.js";
import { compileShim } from "./compile.js";

/** The generated code: for synchronous calls, and for calls that suspend the stack. */
export const GLUE = Object.freeze({ sync: { instantiate: sync }, jspi: { instantiate: jspi } });

/** The small core modules by name. They are compiled once for the program. */
let compiledShims;

/** Finds core modules by name. `interpreter` is the large one, compiled. */
export function coreModules(interpreter) {
  compiledShims ??= new Map(Object.entries(shims).map(([name, text]) => [name, compileShim(text)]));
  return (name) => compiledShims.get(name) ?? interpreter;
}

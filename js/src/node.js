import { readFile } from "node:fs/promises";

import { createMontyFrom } from "./monty.js";

export * from "./api.js";

/** Loads the interpreter. Once for a program. */
export function createMonty({ component = new URL("../generated/", import.meta.url), ...options } = {}) {
  return createMontyFrom(
    (name) => import(new URL(name, component).href),
    async (name) => WebAssembly.compile(await readFile(new URL(name, component))),
    options,
  );
}

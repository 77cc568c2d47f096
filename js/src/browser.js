import { createMontyFrom } from "./monty.js";

export * from "./api.js";

/** Loads the interpreter. Once for a page or a worker. */
export function createMonty({ component = new URL("../generated/", import.meta.url), ...options } = {}) {
  return createMontyFrom(
    (name) => import(/* @vite-ignore */ new URL(name, component).href),
    async (name) => WebAssembly.compileStreaming(fetch(new URL(name, component))),
    options,
  );
}

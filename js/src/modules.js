// The core modules of the component, and the generated code between them.

import shims from "../generated/shims.js";
import { instantiate as jspi } from "../generated/monty.jspi.js";
import { instantiate as sync } from "../generated/monty.sync.js";

/** The generated code: for synchronous calls, and for calls that suspend the stack. */
export const GLUE = Object.freeze({ sync: { instantiate: sync }, jspi: { instantiate: jspi } });

/** Finds core modules by name; the interpreter itself is compiled once, when it is first needed. */
export function coreModules(compileInterpreter) {
  const compiled = new Map(Object.entries(shims).map(([name, text]) => [name, new WebAssembly.Module(fromBase64(text))]));
  return (name) => {
    if (!compiled.has(name)) compiled.set(name, compileInterpreter());
    return compiled.get(name);
  };
}

/** The interpreter out of the text that `build.js` packs it into. */
export function compilePacked(text) {
  const unpacked = new Blob([fromBase64(text)]).stream().pipeThrough(new DecompressionStream("gzip"));
  // Compiled while it is unpacked, as if it came over the network.
  return WebAssembly.compileStreaming(new Response(unpacked, { headers: { "content-type": "application/wasm" } }));
}

/** The interpreter out of what the program gave. */
export async function compileGiven(given) {
  const module = await given;
  if (module instanceof WebAssembly.Module) return module;
  if (module instanceof Response) return WebAssembly.compileStreaming(module);
  throw new TypeError(
    "the option `module` must be a WebAssembly.Module or a Response with monty.wasm, or a promise of one",
  );
}

function fromBase64(text) {
  if (typeof Uint8Array.fromBase64 === "function") return Uint8Array.fromBase64(text);
  const binary = atob(text);
  const bytes = new Uint8Array(binary.length);
  for (let index = 0; index < binary.length; index += 1) bytes[index] = binary.charCodeAt(index);
  return bytes;
}

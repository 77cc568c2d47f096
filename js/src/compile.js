// WebAssembly modules out of text, files and what the program passes.

/** Compiles the interpreter out of the text that `build.js` packs it into. */
export function compilePacked(text) {
  const unpacked = new Blob([fromBase64(text)]).stream().pipeThrough(new DecompressionStream("gzip"));
  // Compiled while it is unpacked, as if it came over the network.
  return compileResponse(new Response(unpacked, { headers: { "content-type": "application/wasm" } }));
}

/** Compiles the interpreter out of what the program passed as `module`. */
export async function compileGiven(given) {
  const module = await given;
  if (module instanceof WebAssembly.Module) return module;
  if (module instanceof Response) return compileResponse(module);
  throw new TypeError(
    "the option `module` must be a WebAssembly.Module or a Response with monty.wasm, or a promise of one",
  );
}

/** Compiles one of the small modules. */
export function compileShim(text) {
  return new WebAssembly.Module(fromBase64(text));
}

async function compileResponse(response) {
  // Bun ends a program that waits for nothing else than this.
  if (globalThis.Bun === undefined) return WebAssembly.compileStreaming(response);
  return WebAssembly.compile(await response.arrayBuffer());
}

function fromBase64(text) {
  if (typeof Uint8Array.fromBase64 === "function") return Uint8Array.fromBase64(text);
  // Node before 25: many times faster than a loop.
  if (typeof globalThis.Buffer?.from === "function") return globalThis.Buffer.from(text, "base64");
  const binary = atob(text);
  const bytes = new Uint8Array(binary.length);
  for (let index = 0; index < binary.length; index += 1) bytes[index] = binary.charCodeAt(index);
  return bytes;
}

// Transpiles the component to core modules and the JavaScript between them:
// once for synchronous calls, once with calls that suspend the WebAssembly
// stack (JSPI). Both share the core modules, of which the large one is the
// interpreter:
//
// - `interpreter.js` holds it compressed, as text, for the entry that needs no
//   file beside its JavaScript;
// - `monty.wasm` is the same, for programs that load it themselves;
// - `shims.js` holds the small ones.
//
// `worker.js` holds the script of a worker, as text.

import { copyFile, mkdir, readFile, rm, writeFile } from "node:fs/promises";
import { fileURLToPath } from "node:url";
import { gzipSync } from "node:zlib";

import { transpileBytes } from "@bytecodealliance/jco-transpile";
import esbuild from "esbuild";

const component = new URL(process.env.MONTY_COMPONENT ?? "../host/component/monty.wasm", import.meta.url);
const generated = new URL("./generated/", import.meta.url);

const version = "0.2.0";
const interpreter = `monty:sandbox/interpreter@${version}`;
const options = {
  name: "monty",
  instantiation: "async",
  wasiShim: false,
  nodejsCompat: false,
  namespacedExports: false,
  emitTypescriptDeclarations: false,
  noComponentErrorWrapping: false,
  base64Cutoff: 0,
  minify: true,
};
const glues = {
  "monty.sync.js": options,
  "monty.jspi.js": {
    ...options,
    asyncMode: "jspi",
    asyncImports: [`monty:sandbox/external-call@${version}#settle`, `monty:sandbox/os-call@${version}#sleep`],
    asyncExports: ["run", "resume", "[method]session.feed", "[method]session.call", "[method]session.resume"].map(
      (name) => `${interpreter}#${name}`,
    ),
  },
};

const bytes = await readFile(component);
await rm(generated, { recursive: true, force: true });
await mkdir(generated);
const modules = new Map();
for (const [name, glueOptions] of Object.entries(glues)) {
  const { files } = await transpileBytes(bytes, glueOptions);
  for (const [file, content] of Object.entries(files)) {
    if (file === "monty.js") await write(name, adapt(new TextDecoder().decode(content)));
    else if (file.endsWith(".wasm")) modules.set(file, Buffer.from(content));
  }
}
const interpreterModule = modules.get("monty.core.wasm");
modules.delete("monty.core.wasm");
const shims = Object.fromEntries([...modules].map(([name, content]) => [name, content.toString("base64")]));
await write("monty.wasm", interpreterModule);
await write("interpreter.js", toModule(gzipSync(interpreterModule, { level: 9 }).toString("base64")));
await write("shims.js", toModule(shims));
await write("worker.js", toModule(await bundle("src/worker/inline.js")));
// npm packs what lies beside package.json.
await copyFile(new URL("../LICENSE", import.meta.url), new URL("./LICENSE", import.meta.url));
const licences = "THIRD-PARTY-LICENSES.txt";
await copyFile(new URL(`../host/component/${licences}`, import.meta.url), new URL(licences, import.meta.url));

/** A module and all that it imports, as one script. */
async function bundle(entry) {
  const { outputFiles } = await esbuild.build({
    entryPoints: [fileURLToPath(new URL(entry, import.meta.url))],
    bundle: true,
    minify: true,
    format: "iife",
    platform: "neutral",
    target: "es2022",
    write: false,
  });
  return outputFiles[0].text;
}

function write(name, content) {
  return writeFile(new URL(name, generated), content);
}

function toModule(content) {
  return `export default ${JSON.stringify(content)};\n`;
}

function adapt(glue) {
  // Bundlers warn of a directive that they do not know.
  const steps = [withoutFiles, withoutRecord, withoutUnusedCalls, withoutDebugging, keepByteOrderMarks];
  return steps.reduce((patched, step) => step(patched), glue.replace(/^"use components";/, ""));
}

// The generated code would fetch a core module that it is not given. It is given
// them all, and bundlers that see a URL look for the files.
function withoutFiles(glue) {
  const patched = glue.replace(/getCoreModule\|\|\(getCoreModule=.*?import\.meta\.url\)\)\);/, "");
  if (patched === glue || patched.includes("import.meta")) {
    throw new Error("the generated code no longer looks for its core modules as this script expects");
  }
  return patched;
}

// The generated code keeps the number of every handle that it ever made, and reads
// none of them: an instance would grow with each pending call.
function withoutRecord(glue) {
  const patched = glue.replaceAll(/[\w$]+\._createdReps(?:\.add\([\w$]+\)|=new Set),/g, "");
  if (patched === glue || patched.includes("_createdReps")) {
    throw new Error("the generated code no longer keeps a record of handles as this script expects");
  }
  return patched;
}

// The generated code makes an asynchronous variant of each `post-return`, and drops
// it. Without `WebAssembly.promising`, as in Node 20, each attempt throws, and V8
// parses the whole generated function again to word the error: 30 ms for each of them.
function withoutUnusedCalls(glue) {
  const patched = glue.replaceAll(/try\{WebAssembly\.promising\([^{}]*\)\}catch\{[^{}]*\}/g, "");
  if (patched === glue || /try\{[^{}]*WebAssembly\.promising/.test(patched)) {
    throw new Error("the generated code no longer tries to make calls asynchronous as this script expects");
  }
  return patched;
}

// The generated code looks for an environment variable before each of the debug
// messages that it would print, which Deno allows no program without permission.
function withoutDebugging(glue) {
  const patched = glue.replace("globalThis?.process?.env?.JCO_DEBUG&&console.debug(...e)", "");
  if (patched === glue || patched.includes("process")) {
    throw new Error("the generated code no longer prints debug messages as this script expects");
  }
  return patched;
}

// A `TextDecoder` drops a byte order mark at the start unless it is told not
// to. A string of the component may start with U+FEFF.
function keepByteOrderMarks(glue) {
  const patched = glue.replaceAll(/new TextDecoder(?:\(\))?(?=[,;])/g, 'new TextDecoder("utf-8",{ignoreBOM:true})');
  if (patched === glue) {
    throw new Error("the generated code no longer makes its decoder as this script expects");
  }
  return patched;
}

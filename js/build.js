// Transpiles the component to core modules and the JavaScript between them:
// once for synchronous calls, once with calls that suspend the WebAssembly
// stack (JSPI). Both share the core modules.

import { mkdir, readFile, rm, writeFile } from "node:fs/promises";

import { transpileBytes } from "@bytecodealliance/jco-transpile";

const component = new URL(process.env.MONTY_COMPONENT ?? "../host/component/monty.wasm", import.meta.url);
const generated = new URL("./generated/", import.meta.url);

const interpreter = "monty:sandbox/interpreter@0.1.0";
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
    asyncImports: ["monty:sandbox/external-call@0.1.0#settle", "monty:sandbox/os-call@0.1.0#sleep"],
    asyncExports: ["run", "resume", "[method]session.feed", "[method]session.call", "[method]session.resume"].map(
      (name) => `${interpreter}#${name}`,
    ),
  },
};

const bytes = await readFile(component);
await rm(generated, { recursive: true, force: true });
await mkdir(generated);
for (const [name, glueOptions] of Object.entries(glues)) {
  const { files } = await transpileBytes(bytes, glueOptions);
  for (const [file, content] of Object.entries(files)) {
    if (file === "monty.js") {
      await writeFile(new URL(name, generated), keepByteOrderMarks(new TextDecoder().decode(content)));
    } else if (file.endsWith(".wasm")) {
      await writeFile(new URL(file, generated), content);
    }
  }
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

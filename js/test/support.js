import { after, before, describe } from "node:test";

import interpreter from "../generated/interpreter.js";
import { createMonty } from "../src/index.js";
import { compilePacked } from "../src/compile.js";
import { GLUE, coreModules } from "../src/modules.js";

const hasJspi = typeof WebAssembly.Suspending === "function";

/** The kinds of generated code that this engine runs. */
export const kinds = hasJspi ? ["sync", "jspi"] : ["sync"];

const getModule = coreModules(await compilePacked(interpreter));

/** An instance of the component with imports of the test's own. */
export function instantiate(kind, imports) {
  return GLUE[kind].instantiate(getModule, imports);
}

/**
 * The tests of a suite, once for each way to wait for a promise: between two
 * runs of the component, and, where the engine can, inside of one.
 */
export function describeBoth(name, suite) {
  for (const jspi of hasJspi ? [false, true] : [false]) {
    describe(`${name}, ${jspi ? "with" : "without"} JSPI`, () => {
      const context = {};
      before(async () => {
        context.monty = await createMonty({ jspi });
        context.evaluate = async (source, options) => (await context.monty.run(source, options)).value;
      });
      after(() => context.monty.dispose());
      suite(context, jspi);
    });
  }
}

/** A promise that the test settles. */
export function deferred() {
  const result = {};
  result.promise = new Promise((resolve, reject) => Object.assign(result, { resolve, reject }));
  return result;
}

import { after, before, describe } from "node:test";

import { createMonty } from "../src/index.js";

const hasJspi = typeof WebAssembly.Suspending === "function";

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

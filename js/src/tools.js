// Tools: functions of the host that a script calls.

import { boolean, callback, checkArgument, checkOptions, entries, string } from "./check.js";
import { PARAMETERS, bind, toParameters } from "./bind.js";

const DESCRIPTOR = Symbol("monty.tool");

/** Returned by a tool whose answer comes after the run, when it is resumed. */
export const suspend = Symbol("monty.suspend");

/**
 * A tool with named parameters. Arguments are bound as Python binds them, and arrive in
 * the order of the parameters.
 *
 * A parameter is a name, or `[name, default]`. After `"*"` they are keyword-only;
 * `"*args"` and `"**kwargs"` collect the rest, in an array and an object.
 */
export function tool(handler, parameters, options) {
  return describe("tool()", handler, parameters, options, false);
}

/** A tool that the script awaits, as if it were an `async def`; `asyncio.gather` runs several at once. */
export function asyncTool(handler, parameters, options) {
  return describe("asyncTool()", handler, parameters, options, true);
}

function describe(where, handler, parameters, options, isAsync) {
  checkArgument(where, "the handler", handler, callback);
  if (parameters !== undefined) checkArgument(where, "the parameters", parameters, PARAMETERS);
  const { docstring, signal = false } = checkOptions(where, options, { docstring: string, signal: boolean });
  if (signal && parameters === undefined) {
    throw new TypeError(`${where}: the option \`signal\` needs parameters, after which the handler gets it`);
  }
  const named = parameters === undefined ? undefined : toParameters(parameters);
  return makeTool({ handler, parameters: named, docstring, isAsync, takesSignal: signal });
}

/** The descriptor of a tool. */
export function makeTool(fields) {
  return { [DESCRIPTOR]: true, isAsync: false, takesSignal: false, ...fields };
}

/** The descriptor of what was passed as a tool; `undefined` for anything else. */
export function asTool(given) {
  if (typeof given === "function") return { handler: given, isAsync: false, takesSignal: false };
  return given?.[DESCRIPTOR] === true ? given : undefined;
}

/** The check of named tools. */
export const toolEntries = entries({
  wants: "a function, tool() or asyncTool()",
  accepts: (value) => asTool(value) !== undefined,
});

/** Calls a tool. `context` is for one that takes a signal. */
export function invoke(name, { handler, parameters }, receiver, positional, keyword, context) {
  if (parameters !== undefined) {
    const bound = bind(name, parameters, positional, keyword);
    if (context !== undefined) bound.push(context);
    return handler.apply(receiver, bound);
  }
  // A plain function gets its keyword arguments, if any, as one object after the
  // positional ones.
  return handler.apply(receiver, keyword.length === 0 ? positional : [...positional, toOptions(keyword)]);
}

function toOptions(keyword) {
  const options = Object.create(null);
  for (const [key, value] of keyword) options[key] = value;
  return options;
}

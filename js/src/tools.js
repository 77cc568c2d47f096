// Tools: functions of the host that a script calls, and how their arguments
// are bound.

import { boolean, callback, checkArgument, checkOptions, entries, string } from "./check.js";
import { PythonError } from "./errors.js";

const DESCRIPTOR = Symbol("monty.tool");
const PARAMETERS = {
  wants: "an array of names and of [name, default]",
  accepts: (value) => Array.isArray(value) && value.every(isParameter),
};

/** What a tool returns when its answer comes after the run, from whoever resumes it. */
export const suspend = Symbol("monty.suspend");

/**
 * A tool with named parameters. Arguments are bound as Python binds them, by
 * position or by name, and arrive in the order of the parameters.
 *
 * A parameter is a name, or `[name, default]`.
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
  const named = parameters?.map((parameter) => {
    if (typeof parameter === "string") return { name: parameter, isOptional: false };
    return { name: parameter[0], default: parameter[1], isOptional: true };
  });
  return { [DESCRIPTOR]: true, handler, parameters: named, docstring, isAsync, takesSignal: signal };
}

function isParameter(value) {
  return typeof value === "string" || (Array.isArray(value) && value.length === 2 && typeof value[0] === "string");
}

/** What was given as a tool, as a descriptor; `undefined` if it is none. */
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
  // A plain function: the keyword arguments, if there are any, are one object
  // after the positional ones.
  return handler.apply(receiver, keyword.length === 0 ? positional : [...positional, toOptions(keyword)]);
}

function bind(name, parameters, positional, keyword) {
  const given = positional.length;
  if (given > parameters.length) {
    const takes = `${parameters.length} positional argument${parameters.length === 1 ? "" : "s"}`;
    throw new PythonError("TypeError", `${name}() takes ${takes} but ${given} ${given === 1 ? "was" : "were"} given`);
  }
  const bound = new Array(parameters.length);
  const isBound = parameters.map((_, index) => index < given);
  positional.forEach((value, index) => {
    bound[index] = value;
  });
  for (const [key, value] of keyword) {
    const index = parameters.findIndex((parameter) => parameter.name === key);
    if (index < 0) throw new PythonError("TypeError", `${name}() got an unexpected keyword argument '${key}'`);
    if (isBound[index]) throw new PythonError("TypeError", `${name}() got multiple values for argument '${key}'`);
    bound[index] = value;
    isBound[index] = true;
  }
  parameters.forEach((parameter, index) => {
    if (isBound[index]) return;
    if (!parameter.isOptional) {
      throw new PythonError("TypeError", `${name}() missing 1 required positional argument: '${parameter.name}'`);
    }
    bound[index] = parameter.default;
  });
  return bound;
}

function toOptions(keyword) {
  const options = Object.create(null);
  for (const [key, value] of keyword) options[key] = value;
  return options;
}

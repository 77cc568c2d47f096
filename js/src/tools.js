// Tools: functions of the host that a script calls, and how their arguments
// are bound.

import { PythonError } from "./errors.js";

const DESCRIPTOR = Symbol("monty.tool");

/** What a tool returns when its answer comes after the run, from whoever resumes it. */
export const suspend = Symbol("monty.suspend");

/**
 * A tool with named parameters. Arguments are bound as Python binds them, by
 * position or by name, and arrive in the order of the parameters.
 *
 * A parameter is a name, or `[name, default]`.
 */
export function tool(handler, parameters, { docstring, async = false } = {}) {
  const names = parameters?.map((parameter) => (typeof parameter === "string" ? { name: parameter } : {
    name: parameter[0],
    default: parameter[1],
    isOptional: true,
  }));
  return { [DESCRIPTOR]: true, handler, parameters: names, docstring, isAsync: async };
}

/** A tool that the script awaits, as if it were an `async def`; `asyncio.gather` runs several at once. */
export function asyncTool(handler, parameters, options) {
  return tool(handler, parameters, { ...options, async: true });
}

/** What was given as a tool, as a descriptor; `undefined` if it is none. */
export function asTool(given) {
  if (typeof given === "function") return { handler: given, isAsync: false };
  return given?.[DESCRIPTOR] === true ? given : undefined;
}

/** Calls a tool. */
export function invoke(name, { handler, parameters }, receiver, positional, keyword) {
  if (parameters !== undefined) {
    return handler.apply(receiver, bind(name, parameters, positional, keyword));
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

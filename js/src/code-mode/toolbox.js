// The tools of an agent: their names and signatures in Python, their stubs, and the
// functions that scripts call.

import { KEYWORD_ONLY, POSITIONAL, VAR_KEYWORD, bind } from "../bind.js";
import { anything, array, boolean, callback, checkArgument, checkOptions, isObject, isPlain, string, toEntries } from "../check.js";
import { PythonError } from "../errors.js";
import { makeTool } from "../tools.js";
import { HostFunction, Module, PyFloat } from "../values.js";
import { Converter, Shared } from "./convert.js";
import { GLOBAL, MEMBERS, assignNames } from "./names.js";
import { parametersOf } from "./parameters.js";
import { SchemaProblem, readSchema, schemaError } from "./schema.js";
import { Stubs } from "./stubs.js";
import { isBlank, line } from "./text.js";
import { ANY, takesNone } from "./types.js";

const TOOL = {
  name: string,
  title: string,
  description: string,
  inputSchema: anything,
  outputSchema: anything,
  annotations: { wants: "an object", accepts: isObject },
  awaited: boolean,
  call: callback,
};
const NAMESPACE = { name: string, description: string, tools: array };
const DETAIL = { wants: '"signature" or "full"', accepts: (value) => value === "signature" || value === "full" };
const TOOLS = { wants: "an array of tools of this toolbox", accepts: Array.isArray };

const CALL = {
  wants: "a call of a suspension: its `name`, `positional` and `keyword`",
  accepts: (value) => string.accepts(value?.name) && Array.isArray(value.positional) && value.keyword instanceof Map,
};

/** What stands for a default that the script left out. */
const OMITTED = Symbol("omitted");

/**
 * The functions that a script may call: some by their name alone, others in a
 * namespace, such as those of one MCP server.
 */
export class Toolbox {
  #tools;
  #stubs;
  #modules;

  /** `tools` and `namespaces` are arrays; tools have the fields of MCP's `tools/list`. */
  constructor(options) {
    const { tools = [], namespaces = [] } = checkOptions("Toolbox", options, { tools: array, namespaces: array });
    const own = tools.map((tool) => readTool("Toolbox", tool));
    const spaces = namespaces.map(readNamespace);
    checkDistinct(own, "two tools without a namespace are called", "leave one out, or put it in a namespace");
    checkDistinct(spaces, "two namespaces are called", "give one of them another name");
    const names = globalNames(own, spaces);
    const spaceNames = names.splice(own.length);
    this.#tools = own.map((tool, index) => ({ ...tool, name: names[index], bareName: names[index] }));
    spaces.forEach(({ originalName, description, tools: members }, index) => {
      checkDistinct(members, `two tools of the namespace \`${line(originalName, 80)}\` are called`, "leave one out");
      const namespace = Object.freeze({ name: spaceNames[index], originalName, description });
      const memberNames = assignNames(
        members.map((tool) => tool.originalName),
        MEMBERS,
      );
      members.forEach((tool, member) => {
        const bareName = memberNames[member];
        this.#tools.push({ ...tool, name: `${namespace.name}.${bareName}`, bareName, namespace });
      });
    });
    this.#stubs = new Stubs(this.#tools, spaceNames);
    this.#modules = spaceNames;
  }

  /**
   * The tools, those without a namespace first: the `name` in a script, the
   * `originalName`, the `namespace`, the `description`, the `annotations`, and `notes`
   * on what the stub does not show of the schemas.
   */
  get tools() {
    return this.#tools.map(({ name, originalName, namespace, description, annotations, notes }) => ({
      name,
      originalName,
      namespace,
      description,
      annotations,
      notes: [...notes],
    }));
  }

  /**
   * The tools as Python source for the model: `"full"` with descriptions, or
   * `"signature"`, one line each. `names` selects some by their name in a script.
   */
  stubs(detail = "full", names = undefined) {
    checkArgument("stubs()", "the detail", detail, DETAIL);
    return this.#stubs.source(this.#select(names), detail === "full");
  }

  /** `tools` for `run()` or `session()`, and `inputs` for `run()` or the first `feed()`: of the tools that have a `call`. */
  get options() {
    const called = this.#tools.filter(({ call }) => call !== undefined);
    const modules = this.#modules.map((name) => {
      const members = called.filter(({ namespace }) => namespace?.name === name);
      return [name, new Module(name, new Map(members.map((tool) => [tool.bareName, new HostFunction(tool.name)])))];
    });
    return { tools: new Map(called.map((tool) => [tool.name, toTool(tool)])), inputs: new Map(modules) };
  }

  /**
   * The arguments of a suspended call, as the tool's `call` gets them. Throws a
   * `PythonError` to answer the call with, if they do not fit the parameters.
   */
  argumentsOf(call) {
    checkArgument("argumentsOf()", "the call", call, CALL);
    const tool = this.#find("argumentsOf()", call.name);
    return toArguments(tool.name, tool.parameters, bind(tool.name, toBindable(tool.parameters), call.positional, [...call.keyword]));
  }

  #select(names) {
    if (names === undefined) return this.#tools;
    checkArgument("stubs()", "the names", names, TOOLS);
    return names.map((name) => this.#find("stubs()", name));
  }

  #find(where, name) {
    const tool = this.#tools.find((one) => one.name === name);
    if (tool !== undefined) return tool;
    throw new TypeError(`${where}: the toolbox has no tool ${JSON.stringify(name)}: use the \`name\` of one of \`tools\``);
  }
}

function readNamespace(given) {
  checkArgument("Toolbox", "a namespace", given, { wants: "a plain object", accepts: isPlain });
  const { name, description, tools = [] } = checkOptions("Toolbox, in a namespace", given, NAMESPACE);
  checkArgument("Toolbox", "the name of a namespace", name, string);
  const where = `Toolbox, in the namespace ${JSON.stringify(name)}`;
  return { originalName: name.toWellFormed(), description: description?.toWellFormed(), tools: tools.map((tool) => readTool(where, tool)) };
}

/** A tool as a server describes it, with its parameters and its result. */
function readTool(where, given) {
  checkArgument(where, "a tool", given, { wants: "a plain object", accepts: isPlain });
  checkArgument(where, "the name of a tool", given.name, string);
  // A server may describe more than a client knows.
  const known = Object.fromEntries(Object.entries(given).filter(([name]) => Object.hasOwn(TOOL, name)));
  const { name, title, description = title, inputSchema = null, outputSchema, annotations = {}, awaited = false, call } = checkOptions(
    `${where}, in the tool ${JSON.stringify(name80(given.name))}`,
    known,
    TOOL,
  );
  const originalName = name.toWellFormed();
  const shared = new Shared();
  const parameters = convert(originalName, "inputSchema", inputSchema, shared, (schema, converter) => parametersOf(schema, converter));
  const returns =
    outputSchema === undefined
      ? ANY
      : convert(originalName, "outputSchema", outputSchema, shared, (schema, converter) =>
          converter.type(schema, "", `${originalName} result`),
        );
  const text = description?.toWellFormed();
  return {
    originalName,
    description: text === undefined || isBlank(text) ? undefined : text,
    annotations: { ...annotations },
    parameters,
    returns,
    notes: [...shared.notes.values()],
    isAwaited: awaited,
    call,
  };
}

function name80(name) {
  return name.slice(0, 80);
}

function convert(tool, side, given, shared, work) {
  try {
    const schema = readSchema(given);
    return work(schema, new Converter(schema, side, shared));
  } catch (error) {
    if (error instanceof SchemaProblem) throw schemaError(tool, side, error);
    throw error;
  }
}

/** The names of the tools without a namespace, and after them those of the namespaces. */
function globalNames(tools, namespaces) {
  const taken = new Set(tools.map(({ originalName }) => originalName));
  // A namespace that is called as a tool is has to change: a slash becomes `_`.
  const spaces = namespaces.map(({ originalName }) => (taken.has(originalName) ? `${originalName}/` : originalName));
  return assignNames([...tools.map(({ originalName }) => originalName), ...spaces], GLOBAL);
}

function checkDistinct(named, what, advice) {
  const seen = new Set();
  for (const { originalName } of named) {
    if (seen.has(originalName)) throw new TypeError(`Toolbox: ${what} \`${line(originalName, 80)}\`: ${advice}`);
    seen.add(originalName);
  }
}

/** A tool for `run()`: binds the arguments, and passes them as one object by the keys of the schema. */
function toTool({ name, call, parameters, isAwaited }) {
  const handler = (...bound) => call(toArguments(name, parameters, bound));
  return makeTool({ handler, parameters: toBindable(parameters), isAsync: isAwaited });
}

/** Parameters for `bind()`. */
function toBindable(parameters) {
  return parameters.map(({ name, required, collects }) => {
    if (collects) return { name, kind: VAR_KEYWORD, isOptional: true };
    if (required) return { name, kind: POSITIONAL, isOptional: false };
    return { name, kind: KEYWORD_ONLY, isOptional: true, default: OMITTED };
  });
}

function toArguments(tool, parameters, bound) {
  const given = {};
  parameters.forEach((parameter, index) => {
    const value = bound[index];
    if (parameter.collects) addExtra(given, tool, parameters, value);
    else if (!isLeftOut(parameter, value)) setEntry(given, parameter.key, toJson(tool, parameter.name, value));
  });
  return given;
}

/** Whether an argument is not sent, so that the server uses its own default. */
function isLeftOut({ required, default: omitted, type }, value) {
  if (required) return false;
  return value === OMITTED || value === omitted || (value === null && !takesNone(type));
}

function addExtra(given, tool, parameters, extra) {
  for (const [key, value] of Object.entries(extra)) {
    const parameter = parameters.find((one) => !one.collects && one.key === key);
    if (parameter !== undefined) {
      throw typeError(`${tool}() got '${line(key, 80)}' among its keywords: pass it as '${parameter.name}'`);
    }
    setEntry(given, key, toJson(tool, key, value));
  }
}

/** An argument of a script as JSON has it. */
function toJson(tool, name, value) {
  switch (typeof value) {
    case "string":
    case "boolean":
      return value;
    case "number":
      if (Number.isFinite(value)) return value;
      break;
    case "object":
      if (value === null) return value;
      if (value instanceof PyFloat) return toJson(tool, name, value.value);
      if (Array.isArray(value)) return value.map((item) => toJson(tool, name, item));
      if (value instanceof Map || isPlain(value)) return toJsonObject(tool, name, value);
  }
  const shown = line(String(value?.constructor?.name ?? value), 80);
  throw typeError(
    `${tool}() argument '${line(name, 80)}': ${shown} has no form in JSON; pass str, int, float, bool, None, lists and dicts`,
  );
}

function toJsonObject(tool, name, entries) {
  const object = {};
  for (const [key, value] of toEntries(entries)) {
    if (typeof key !== "string") throw typeError(`${tool}() argument '${line(name, 80)}': the keys of a dict must be str`);
    setEntry(object, key, toJson(tool, name, value));
  }
  return object;
}

/** Sets an entry of any name, `__proto__` too. */
function setEntry(object, key, value) {
  Object.defineProperty(object, key, { value, enumerable: true, configurable: true, writable: true });
}

function typeError(message) {
  return new PythonError("TypeError", message);
}

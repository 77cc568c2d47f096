// Tools as Python source, for the model that writes the scripts.

import { DistinctNames, GLOBAL, MEMBERS, isSafe, typeName } from "./names.js";
import { classifyRecords } from "./records.js";
import { docstring, isBlank, line, literal } from "./text.js";
import { annotation, defaultValue } from "./types.js";

/** The longest descriptions, in characters. */
const MAX_COMMENT = 200;
const MAX_DESCRIPTION = 2000;
const MAX_PARAMETER_DESCRIPTION = 400;
const MAX_NAMESPACE_DESCRIPTION = 200;

/** What annotations use besides built-in names. */
const TYPING = ["Any", "Literal", "Never", "NotRequired", "TypedDict"];

/** The source of each tool of a toolbox, and of the `TypedDict`s in it. */
export class Stubs {
  #tools;
  #definitions;

  /** `tools` are all of the toolbox, `namespaces` the names of its namespaces. */
  constructor(tools, namespaces) {
    // By name, so that the order in which servers list their tools does not change the
    // names of types.
    const sorted = [...tools].sort((one, other) => (one.name < other.name ? -1 : 1));
    const records = classifyRecords(sorted);
    const names = classNames(records.classes, [...namespaces, ...sorted.map(({ name }) => name)]);
    this.#definitions = records.classes.map((one, index) => define(one, names[index], names));
    this.#tools = new Map(sorted.map((tool, index) => [tool, this.#stub(tool, records.tools[index], names)]));
  }

  /** The source of some tools, in their order, and of all that they need. */
  source(tools, isFull) {
    const stubs = tools.map((tool) => this.#tools.get(tool));
    const needed = new Set(stubs.flatMap(({ definitions }) => definitions));
    let source = "";
    for (const index of needed) source += isFull ? `${this.#definitions[index].full}\n` : this.#definitions[index].compact;
    let namespace;
    stubs.forEach((stub, index) => {
      if (isFull && index > 0) source += "\n";
      if (stub.namespace !== undefined && stub.namespace.name !== namespace) source += classLine(stub.namespace, isFull);
      namespace = stub.namespace?.name;
      source += functionSource(stub, isFull);
    });
    return source;
  }

  #stub(tool, { parameters, returns }, names) {
    return {
      namespace: tool.namespace,
      head: head(tool, parameters, returns, names),
      docstring: describe(tool),
      definitions: this.#needed([...parameters.flat(), ...returns]),
    };
  }

  /** The definitions that some classes need, each after those that it needs itself, unless they need each other. */
  #needed(classes) {
    const seen = new Set();
    const order = [];
    for (const start of classes) {
      const steps = [{ enter: start }];
      while (steps.length > 0) {
        const { enter, leave } = steps.pop();
        if (leave !== undefined) order.push(leave);
        else if (enter !== undefined && !seen.has(enter)) {
          seen.add(enter);
          steps.push({ leave: enter }, ...this.#definitions[enter].needs.toReversed().map((need) => ({ enter: need })));
        }
      }
    }
    return order;
  }
}

/** A name for each class of records. */
function classNames(classes, taken) {
  const distinct = new DistinctNames([...taken, ...TYPING]);
  return classes.map(({ record }) => {
    const own = record.name;
    const name = isSafe(own, GLOBAL) && !own.startsWith("__") ? own : typeName(own);
    return distinct.name(GLOBAL.isReserved(name) ? `${name}_` : name);
  });
}

function* nameIterator(classes, names) {
  for (const index of classes) yield index === undefined ? undefined : names[index];
}

/** A class of records as Python source: `compact` in one line, `full` with the descriptions of keys. */
function define({ record, children }, name, names) {
  const references = nameIterator(children, names);
  const types = record.fields.map(({ type, required }) => {
    const written = annotation(type, references);
    return required ? written : `NotRequired[${written}]`;
  });
  const needs = children.filter((child) => child !== undefined);
  const isClass = record.fields.every((field) => isSafe(field.name, MEMBERS) && !field.name.startsWith("__"));
  const source = isClass ? defineClass(name, record, types) : defineCall(name, record, types, needs.length > 0);
  return { ...source, needs };
}

/** `class Name(TypedDict)`. */
function defineClass(name, { fields }, types) {
  if (fields.length === 0) {
    const source = `class ${name}(TypedDict): pass\n`;
    return { compact: source, full: source };
  }
  const lines = fields.map((field, index) => `${field.name}: ${types[index]}`);
  const described = lines.map((content, index) => `    ${content}${comment(fields[index].description)}\n`);
  return {
    compact: `class ${name}(TypedDict): ${lines.join("; ")}\n`,
    full: `class ${name}(TypedDict):\n${described.join("")}`,
  };
}

/**
 * `Name = TypedDict('Name', {…})`, for keys that are no names. Unlike in a class, types
 * are evaluated in place, so those that use others are in quotes.
 */
function defineCall(name, { fields }, types, isQuoted) {
  const lines = fields.map((field, index) => `${literal(field.name)}: ${isQuoted ? literal(types[index]) : types[index]}`);
  const described = lines.map((content, index) => `    ${content},${comment(fields[index].description)}\n`);
  return {
    compact: `${name} = TypedDict('${name}', {${lines.join(", ")}})\n`,
    full: `${name} = TypedDict('${name}', {\n${described.join("")}})\n`,
  };
}

function comment(description) {
  const text = line(description ?? "", MAX_COMMENT);
  return text === "" ? "" : `  # ${text}`;
}

/** `def name(…) -> …:`. */
function head(tool, parameters, returns, names) {
  let hasStar = false;
  const parts = tool.parameters.map((parameter, index) => {
    const written = `${parameter.name}: ${annotation(parameter.type, nameIterator(parameters[index], names))}`;
    if (parameter.collects) return `**${written}`;
    if (parameter.required) return written;
    const star = hasStar ? "" : "*, ";
    hasStar = true;
    return `${star}${written} = ${defaultValue(parameter.default)}`;
  });
  const result = annotation(tool.returns, nameIterator(returns, names));
  return `${tool.isAwaited ? "async def" : "def"} ${tool.bareName}(${parts.join(", ")}) -> ${result}:`;
}

/** The lines of the docstring. */
function describe(tool) {
  const lines = tool.description === undefined ? [] : docstring(tool.description, MAX_DESCRIPTION);
  const separate = () => {
    if (lines.length > 0) lines.push("");
  };
  if (tool.originalName !== tool.bareName) {
    separate();
    lines.push(`Its original name is ${quoted(tool.originalName)}.`);
  }
  const described = tool.parameters.map(describeParameter).filter((own) => own !== undefined);
  if (described.length > 0) {
    separate();
    lines.push("Args:", ...described.flat());
  }
  return lines;
}

/** The lines about a parameter, if there is anything to say. */
function describeParameter({ name, key, description, collects }) {
  const isRenamed = !collects && name !== key;
  const hasText = description !== undefined && !isBlank(description);
  if (!hasText && !isRenamed) return undefined;
  const lines = hasText ? docstring(description, MAX_PARAMETER_DESCRIPTION) : [""];
  if (isRenamed) {
    const last = lines.length - 1;
    lines[last] += `${lines[last] === "" ? "" : " "}(originally ${quoted(key)})`;
  }
  return lines.map((content, index) => {
    if (index === 0) return `    ${name}: ${content}`;
    return content === "" ? "" : `        ${content}`;
  });
}

/** A foreign name in a docstring. */
function quoted(name) {
  return docstring(literal(name), MAX_PARAMETER_DESCRIPTION).join(" ");
}

/** The line that opens a namespace. */
function classLine({ name, description }, isFull) {
  const text = isFull ? line(description ?? "", MAX_NAMESPACE_DESCRIPTION) : "";
  return text === "" ? `class ${name}:\n` : `class ${name}:  # ${text}\n`;
}

function functionSource({ namespace, head: first, docstring: lines }, isFull) {
  const indent = namespace === undefined ? "" : "    ";
  if (!isFull || lines.length === 0) return `${indent}${first} ...\n`;
  if (lines.length === 1) return `${indent}${first}\n${indent}    """${lines[0]}"""\n`;
  const rest = lines.slice(1).map((content) => (content === "" ? "\n" : `${indent}    ${content}\n`));
  return `${indent}${first}\n${indent}    """${lines[0]}\n${rest.join("")}${indent}    """\n`;
}

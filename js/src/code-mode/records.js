// The records of all tools, and which of them are the same.
//
// A record holds others by value, and those around it by name. Two are the same if no
// path through them ends in a difference, however far each was written out before a
// name refers back: `A { b: B { a: ^A } }` holds the same `B` as `B { a: A { b: ^B } }`
// is. They are found by partition refinement: what looks different is told apart, then
// what leads to something different, until nothing more is.

import { annotation, partsOf } from "./types.js";

/**
 * The classes of equal records in the types of some tools, in the order in which they
 * first occur. Returns `classes`, each a record with the classes of its `children`, and
 * for each tool the classes in its `parameters` and its `returns`.
 */
export function classifyRecords(tools) {
  const nodes = [];
  const references = tools.map((tool) => new Walk(nodes).tool(tool));
  const { classOf, first } = classify(nodes);
  const toClass = (node) => (node === undefined ? undefined : classOf[node]);
  return {
    classes: first.map((node) => ({ record: nodes[node].record, children: nodes[node].children.map(toClass) })),
    tools: references.map(({ parameters, returns }) => ({
      parameters: parameters.map((nodesOf) => nodesOf.map(toClass)),
      returns: returns.map(toClass),
    })),
  };
}

/** A walk through the types of one tool. */
class Walk {
  #nodes;
  // The records around, outermost first.
  #around = [];
  // The outermost of them that what was walked through refers to.
  #refersTo = Number.POSITIVE_INFINITY;
  // Records that refer to nothing around them.
  #closed = new Map();
  // The first record of each name.
  #byName = new Map();
  // References by a name that no record around had.
  #open = [];

  constructor(nodes) {
    this.#nodes = nodes;
  }

  tool({ parameters, returns }) {
    const found = { parameters: parameters.map(({ type }) => this.#type(type, [])), returns: this.#type(returns, []) };
    for (const { references, index, name } of this.#open) references[index] = this.#byName.get(name);
    return found;
  }

  /** Adds the records that stand in a type. */
  #type(type, references) {
    if (type.kind === "record") {
      references.push(this.#record(type.record));
    } else if (type.kind === "enclosing") {
      this.#enclosing(type.name, references);
    } else {
      for (const part of partsOf(type)) this.#type(part, references);
    }
    return references;
  }

  #enclosing(name, references) {
    const depth = this.#around.findLastIndex((node) => this.#nodes[node].record.name === name);
    if (depth < 0) {
      this.#open.push({ references, index: references.length, name });
      references.push(undefined);
      return;
    }
    this.#refersTo = Math.min(this.#refersTo, depth);
    references.push(this.#around[depth]);
  }

  #record(record) {
    const known = this.#closed.get(record);
    if (known !== undefined) return known;
    const node = this.#nodes.push({ record, children: [] }) - 1;
    if (!this.#byName.has(record.name)) this.#byName.set(record.name, node);
    const depth = this.#around.length;
    this.#around.push(node);
    const before = this.#refersTo;
    this.#refersTo = Number.POSITIVE_INFINITY;
    for (const { type } of record.fields) this.#type(type, this.#nodes[node].children);
    this.#around.pop();
    if (this.#refersTo >= depth) {
      this.#closed.set(record, node);
      this.#refersTo = before;
    } else {
      this.#refersTo = Math.min(this.#refersTo, before);
    }
    return node;
  }
}

/** The class of each node, and the first node of each class. */
function classify(nodes) {
  let classOf = numbered(nodes.map(({ record }) => look(record)));
  for (let count = -1; count !== countOf(classOf); ) {
    count = countOf(classOf);
    classOf = numbered(nodes.map(({ children }, node) => [classOf[node], ...children.map((child) => classOf[child] ?? "")].join()));
  }
  const first = [];
  classOf.forEach((number, node) => {
    first[number] ??= node;
  });
  return { classOf, first };
}

/** Equal keys as equal numbers, counted from 0 in their order. */
function numbered(keys) {
  const numbers = new Map();
  return keys.map((key) => {
    if (!numbers.has(key)) numbers.set(key, numbers.size);
    return numbers.get(key);
  });
}

function countOf(classOf) {
  return new Set(classOf).size;
}

/** All of a record except the content of the records in it. */
function look({ name, fields }) {
  return JSON.stringify([
    name,
    fields.map((field) => [field.name, annotation(field.type, namesIn(field.type)), field.required, field.description ?? null]),
  ]);
}

/** The names of the records in a type, in order. */
function* namesIn(type) {
  if (type.kind === "record") yield type.record.name;
  else if (type.kind === "enclosing") yield type.name;
  else for (const part of partsOf(type)) yield* namesIn(part);
}

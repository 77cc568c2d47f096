// JSON Schemas as documents: objects become maps, which keep any key as it is, and
// what would take too long to convert is rejected. Servers are not trusted.

import { isPlain } from "../check.js";
import { line } from "./text.js";

/** The deepest nesting of a schema as a document, and the most values and bytes of text in it. */
const MAX_DEPTH = 64;
const MAX_VALUES = 20_000;
const MAX_TEXT = 512 * 1024;

/** The longest row of schemas that apply to one value, each for the next, and the most that apply to one value. */
const MAX_CHAIN = 128;
const MAX_APPLIED = 10_000;

/** The longest excerpt of foreign text in a message. */
const MAX_EXCERPT = 300;

/** A part of a schema that no tool can be made of. */
export class SchemaProblem extends Error {
  constructor(pointer, reason) {
    super(reason);
    this.name = "SchemaProblem";
    this.pointer = pointer;
  }
}

/** The error for a problem in a schema of a tool. `side` is `inputSchema` or `outputSchema`. */
export function schemaError(tool, side, { pointer, message }) {
  const place = `${side}#${line(pointer, MAX_EXCERPT)}`;
  return new TypeError(`the tool \`${line(tool, MAX_EXCERPT)}\`: ${place}: ${line(message, 2 * MAX_EXCERPT)}`);
}

/** A part of a schema that the stubs do not show. */
export function schemaNote(side, pointer, reason) {
  return `${side}#${line(pointer, MAX_EXCERPT)}: ${line(reason, MAX_EXCERPT)}`;
}

/** A schema that was checked, with maps for objects. */
export function readSchema(given) {
  const schema = new Reader().read(given, "", 0);
  new Applied(schema).check(schema, "");
  return schema;
}

class Reader {
  #values = 0;
  #text = 0;

  read(value, pointer, depth) {
    this.#values += 1;
    if (depth > MAX_DEPTH) {
      throw new SchemaProblem(pointer, `nested more than ${MAX_DEPTH} levels deep: make it flatter`);
    }
    const read = this.#content(value, pointer, depth);
    if (this.#values > MAX_VALUES || this.#text > MAX_TEXT) {
      throw new SchemaProblem("", `larger than ${MAX_VALUES} values or ${MAX_TEXT} bytes of text: leave parts of it out`);
    }
    return read;
  }

  #content(value, pointer, depth) {
    if (value === null || typeof value === "boolean") return value;
    if (typeof value === "number" && Number.isFinite(value)) return value;
    if (typeof value === "string") return this.#string(value);
    if (Array.isArray(value)) {
      return value.map((item, index) => this.read(item, childPointer(pointer, index), depth + 1));
    }
    if (isPlain(value)) {
      const entries = new Map();
      for (const [key, item] of Object.entries(value)) {
        if (item !== undefined) entries.set(this.#string(key), this.read(item, childPointer(pointer, key), depth + 1));
      }
      return entries;
    }
    throw new SchemaProblem(pointer, "not JSON: a schema consists of objects, arrays, strings, numbers, booleans and null");
  }

  #string(text) {
    const wellFormed = text.toWellFormed();
    this.#text += new TextEncoder().encode(wellFormed).length;
    return wellFormed;
  }
}

/**
 * Counts the schemas that apply to the value that a schema applies to. One that applies
 * itself again to the same value would never end, and what doubles at each step would
 * not end in time.
 */
class Applied {
  #root;
  #counts = new Map();
  #chain = [];

  constructor(root) {
    this.#root = root;
  }

  /** Checks a schema and all in it. */
  check(schema, pointer) {
    if (Array.isArray(schema)) {
      schema.forEach((item, index) => this.check(item, childPointer(pointer, index)));
    }
    if (!(schema instanceof Map)) return;
    this.#count(schema, pointer);
    for (const [keyword, value] of schema) {
      const here = childPointer(pointer, keyword);
      if (["const", "default", "enum", "example", "examples"].includes(keyword)) continue;
      if (keyword === "$ref" && typeof value === "string") {
        this.#checkReference(value, here);
      } else if (NAMED_SCHEMAS.includes(keyword) && value instanceof Map) {
        for (const [name, one] of value) this.check(one, childPointer(here, name));
      } else {
        this.check(value, here);
      }
    }
  }

  #checkReference(reference, pointer) {
    const isLocal = reference === "#" || reference.startsWith("#/");
    if (isLocal && resolve(this.#root, reference) === undefined) {
      throw new SchemaProblem(pointer, `\`${reference}\` is nowhere in the schema: add it, or take the \`$ref\` out`);
    }
    if (!reference.startsWith("#") && !(this.#root instanceof Map && this.#root.has("$id"))) {
      throw new SchemaProblem(pointer, `\`${reference}\` is another document, and nothing is fetched: put it into \`$defs\``);
    }
  }

  #count(schema, pointer) {
    const known = this.#counts.get(pointer);
    if (known !== undefined) return known;
    if (!(schema instanceof Map)) return 1;
    if (this.#chain.includes(pointer)) {
      throw new SchemaProblem(pointer, "applies to a value only if it applies to that value: take the `$ref` to itself out");
    }
    if (this.#chain.length >= MAX_CHAIN) {
      throw new SchemaProblem(pointer, `more than ${MAX_CHAIN} schemas that each apply the next`);
    }
    this.#chain.push(pointer);
    let count = 1;
    for (const [part, place] of this.#parts(schema, pointer)) {
      count += this.#count(part, place);
      if (count > MAX_APPLIED) {
        throw new SchemaProblem(pointer, `more than ${MAX_APPLIED} schemas apply to one value: use fewer \`$ref\`s`);
      }
    }
    this.#chain.pop();
    this.#counts.set(pointer, count);
    return count;
  }

  /** The schemas that apply to the value that a schema applies to, and their places. */
  *#parts(schema, pointer) {
    for (const [keyword, value] of schema) {
      const here = childPointer(pointer, keyword);
      if (["allOf", "anyOf", "oneOf"].includes(keyword) && Array.isArray(value)) {
        for (const [index, part] of value.entries()) yield [part, childPointer(here, index)];
      } else if (keyword === "dependentSchemas" && value instanceof Map) {
        for (const [key, part] of value) yield [part, childPointer(here, key)];
      } else if (["not", "if", "then", "else"].includes(keyword)) {
        yield [value, here];
      } else if (keyword === "$ref" && typeof value === "string") {
        const found = resolve(this.#root, value);
        if (found !== undefined) yield [found.schema, found.pointer];
      }
    }
  }
}

/** Keywords whose value has schemas by names of their own. */
const NAMED_SCHEMAS = ["$defs", "definitions", "dependentSchemas", "patternProperties", "properties"];

/** The JSON pointer to a part. */
export function childPointer(pointer, key) {
  return `${pointer}/${String(key).replaceAll("~", "~0").replaceAll("/", "~1")}`;
}

/** The part at a pointer, if there is one. */
export function atPointer(root, pointer) {
  if (pointer === "") return root;
  if (!pointer.startsWith("/")) return undefined;
  return pointer
    .slice(1)
    .split("/")
    .map((step) => step.replaceAll("~1", "/").replaceAll("~0", "~"))
    .reduce((part, step) => {
      if (part instanceof Map) return part.get(step);
      return Array.isArray(part) && /^(?:0|[1-9]\d*)$/.test(step) ? part[step] : undefined;
    }, root);
}

/** The place in its own document that a `$ref` leads to. */
export function resolve(root, reference) {
  if (!reference.startsWith("#")) return undefined;
  const pointer = percentDecode(reference.slice(1));
  const schema = pointer === undefined ? undefined : atPointer(root, pointer);
  return schema === undefined ? undefined : { pointer, schema };
}

/** The last part of a pointer, as a name. */
export function lastPart(pointer) {
  return pointer.slice(pointer.lastIndexOf("/") + 1).replaceAll("~1", "/").replaceAll("~0", "~");
}

function percentDecode(text) {
  try {
    // A percent sign that is no escape stands for itself.
    return decodeURIComponent(text.replace(/%(?![0-9a-f]{2})/gi, "%25"));
  } catch {
    return undefined;
  }
}

/** Whether two JSON values are equal. */
export function isEqual(first, second) {
  if (first === second) return true;
  if (Array.isArray(first)) {
    return Array.isArray(second) && first.length === second.length && first.every((item, index) => isEqual(item, second[index]));
  }
  if (!(first instanceof Map) || !(second instanceof Map) || first.size !== second.size) return false;
  return [...first].every(([key, value]) => second.has(key) && isEqual(value, second.get(key)));
}


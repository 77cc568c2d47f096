// A JSON Schema as a type. The type shows the shape of a value; what it cannot show is
// a note.

import { DistinctNames, typeName } from "./names.js";
import { isAnnotation, isBound, merge } from "./merge.js";
import { atPointer, childPointer, isEqual, lastPart, resolve, schemaNote } from "./schema.js";
import { isBlank } from "./text.js";
import { ANY, BOOL, FLOAT, INT, NONE, STR, dictOf, isInt, listOf, unionOf } from "./types.js";

/** How deep types are nested, and how many schemas and merged schemas the types of a tool consist of. Beyond that is `Any`. */
const MAX_DEPTH = 24;
const MAX_SCHEMAS = 2000;
const MAX_MERGED = 300;

const MAX_NOTES = 50;

/** The most values of an enum that its type lists, and their length in total. */
const MAX_LITERALS = 100;
const MAX_LITERALS_BYTES = 4000;

/** The longest title that names a type, in bytes. */
const MAX_TITLE = 40;

/** What the conversions of a tool's schemas share. */
export class Shared {
  typeNames = new DistinctNames();
  schemas = 0;
  merged = 0;
  notes = new Map();
}

/** Converts the parts of one schema. */
export class Converter {
  #root;
  #side;
  #shared;
  #depth = 0;
  // The records that are being converted, outermost first, by their place.
  #around = [];
  // The `$ref`s that are being followed, each with how many records were around it.
  #following = [];
  // The outermost record around that what was converted refers to.
  #refersTo = Number.POSITIVE_INFINITY;
  // Records by their place: `{ record }` refers to nothing around it, `{ name }` is
  // around, or refers to what was.
  #records = new Map();

  /** `side` is `inputSchema` or `outputSchema`. */
  constructor(root, side, shared) {
    this.#root = root;
    this.#side = side;
    this.#shared = shared;
  }

  note(pointer, reason) {
    const { notes } = this.#shared;
    // Notes are told apart before they are truncated.
    const key = JSON.stringify([this.#side, pointer, reason]);
    if (notes.size < MAX_NOTES) notes.set(key, schemaNote(this.#side, pointer, reason));
  }

  /** The type of a schema. `hint` names a record in it that has no title. */
  type(schema, pointer, hint) {
    if (schema === false) return unionOf([]);
    if (!(schema instanceof Map)) return ANY;
    this.#shared.schemas += 1;
    const isDeep = this.#depth >= MAX_DEPTH;
    if (isDeep || this.#shared.schemas > MAX_SCHEMAS) {
      // One note stands for the many that a large schema would have.
      this.note(isDeep ? pointer : "", `deeper than ${MAX_DEPTH} levels or beyond ${MAX_SCHEMAS} schemas, so not shown`);
      return ANY;
    }
    const flat = this.flat(schema, pointer);
    if (flat === undefined) return ANY;
    const records = this.#around.length;
    const followed = this.#following.length;
    for (const target of flat.targets) {
      if (this.#following.some((step) => step.target === target && step.records === records)) {
        this.#following.length = followed;
        this.note(pointer, "refers to itself without an object between, so not shown");
        return ANY;
      }
      this.#following.push({ target, records });
    }
    this.#depth += 1;
    const type = this.#flatType(flat, hint);
    this.#depth -= 1;
    this.#following.length = followed;
    return type;
  }

  /**
   * Combines what applies to the same value, `$ref` and `allOf`, as `keywords`, with
   * the `pointer` to it and the `targets` of the `$ref`s that led there.
   */
  flat(keywords, pointer) {
    const parts = [];
    const reference = keywords.get("$ref");
    if (typeof reference === "string") {
      const found = resolve(this.#root, reference);
      if (!(found?.schema instanceof Map)) {
        this.note(pointer, `\`$ref\` to \`${reference}\`, so not shown`);
        return undefined;
      }
      const part = this.flat(found.schema, found.pointer);
      if (part === undefined) return undefined;
      parts.push({ ...part, targets: [...part.targets, found.pointer] });
    }
    const all = keywords.get("allOf");
    if (Array.isArray(all)) {
      for (const [index, given] of all.entries()) {
        if (!(given instanceof Map)) continue;
        const part = this.flat(given, childPointer(childPointer(pointer, "allOf"), index));
        if (part === undefined) return undefined;
        parts.push(part);
      }
    }
    if (parts.length === 0) return { keywords, pointer, targets: [] };
    const own = [...keywords].filter(([keyword]) => keyword !== "$ref" && keyword !== "allOf");
    if (parts.length === 1) {
      const [part] = parts;
      const adds = ([keyword, value]) => {
        const isKnown = saysNothing(keyword) || (part.keywords.has(keyword) && isEqual(part.keywords.get(keyword), value));
        return !isKnown && (keyword === "required" || !isBound(keyword));
      };
      if (!own.some(adds)) return part;
    }
    // A schema that adds to itself was combined once at a place that the document does
    // not have, and could go on for ever.
    if (atPointer(this.#root, pointer) === undefined) {
      const follows = (target) => this.#following.some((step) => step.target === target);
      const again = parts.find((part) => part.targets.some(follows));
      if (again !== undefined) {
        this.note(pointer, "what is asked beside a `$ref` to what is around is not shown");
        return again;
      }
    }
    const merged = new Map(own);
    for (const part of parts) {
      if (!this.#merge(merged, part.keywords, pointer)) return undefined;
    }
    return { keywords: merged, pointer, targets: [] };
  }

  /** Adds a schema to another, unless there were too many. */
  #merge(into, other, pointer) {
    this.#shared.merged += 1;
    if (this.#shared.merged > MAX_MERGED) {
      this.note("", `more than ${MAX_MERGED} parts to put together, so not shown`);
      return false;
    }
    for (const keyword of merge(into, other)) {
      this.note(pointer, `\`${keyword}\` of several schemas: the first is shown`);
    }
    return true;
  }

  #flatType(flat, hint) {
    const type = this.#shape(flat, hint);
    return flat.keywords.get("nullable") === true ? unionOf([type, NONE]) : type;
  }

  #shape(flat, hint) {
    const { keywords, pointer } = flat;
    if (keywords.has("const")) return this.#literals([keywords.get("const")], pointer);
    if (Array.isArray(keywords.get("enum"))) return this.#literals(keywords.get("enum"), pointer);
    for (const keyword of ["anyOf", "oneOf"]) {
      const branches = keywords.get(keyword);
      const type = Array.isArray(branches) ? this.#alternatives(flat, keyword, branches, hint) : undefined;
      if (type !== undefined) return type;
    }
    const given = keywords.get("type");
    if (typeof given === "string") return this.#named(given, flat, hint);
    if (Array.isArray(given)) {
      const names = given.filter((name) => typeof name === "string");
      return unionOf(names.map((name) => this.#named(name, flat, hint)));
    }
    const name = inferredType(keywords);
    return name === undefined ? ANY : this.#named(name, flat, hint);
  }

  #named(name, flat, hint) {
    switch (name) {
      case "null":
        return NONE;
      case "boolean":
        return BOOL;
      case "integer":
        return INT;
      case "number":
        return FLOAT;
      case "string":
        return STR;
      case "array":
        return this.#array(flat, hint);
      case "object":
        return this.#object(flat, hint);
      default:
        return ANY;
    }
  }

  /** The values of an enum, or the types of those that Python has no literals for. */
  #literals(values, pointer) {
    const bytes = values.reduce((sum, value) => sum + (typeof value === "string" ? byteLength(value) : 0), 0);
    const fits = values.length <= MAX_LITERALS && bytes <= MAX_LITERALS_BYTES;
    if (!fits) this.note(pointer, `${values.length} values, of which only the type is shown`);
    const types = values.map((value) => {
      if (value === null) return NONE;
      if (Array.isArray(value)) return listOf(ANY);
      if (value instanceof Map) return dictOf(ANY);
      if (typeof value === "number" && !isInt(value)) return FLOAT;
      if (fits) return { kind: "literal", values: [value] };
      return { boolean: BOOL, string: STR, number: INT }[typeof value];
    });
    return unionOf(types);
  }

  /** The union of several schemas, each with what stands beside them; `undefined` if they only limit that. */
  #alternatives(flat, keyword, branches, hint) {
    const hasShape = (schema) => schema instanceof Map && [...schema.keys()].some(isShape);
    const here = childPointer(flat.pointer, keyword);
    if (!branches.some(hasShape)) {
      if (branches.some((branch) => branch instanceof Map)) {
        this.note(here, "alternatives that only limit the value are not shown");
      }
      return undefined;
    }
    const own = new Map([...flat.keywords].filter(([other]) => other !== keyword && !isAnnotation(other)));
    const isPlain = ![...own.keys()].some((one) => isShape(one) && one !== "type");
    const types = [];
    branches.forEach((branch, index) => {
      if (branch === false) return;
      const pointer = childPointer(here, index);
      types.push(this.#alternative(own, branch, pointer, hint, isPlain && hasShape(branch)));
    });
    return unionOf(types);
  }

  #alternative(own, branch, pointer, hint, isAlone) {
    if (isAlone) return this.type(branch, pointer, hint);
    if (!(branch instanceof Map)) return this.type(new Map(own), pointer, hint);
    const merged = new Map(own);
    const flat = this.flat(branch, pointer);
    if (flat === undefined || !this.#merge(merged, flat.keywords, pointer)) return ANY;
    return this.type(merged, pointer, hint);
  }

  #array({ keywords, pointer }, hint) {
    const itemHint = `${hint} item`;
    const { placesKeyword, restKeyword } = arrayKeywords(keywords);
    const places = placesKeyword === undefined ? [] : keywords.get(placesKeyword);
    const types = places.map((place, index) =>
      this.type(place, childPointer(childPointer(pointer, placesKeyword), index), itemHint),
    );
    const rest = keywords.get(restKeyword);
    if (rest instanceof Map) {
      types.push(this.type(rest, childPointer(pointer, restKeyword), itemHint));
      return listOf(unionOf(types));
    }
    return types.length === 0 ? listOf(ANY) : { kind: "tuple", members: types };
  }

  #object(flat, hint) {
    const { keywords, pointer } = flat;
    const isFilled = (keyword) => {
      const value = keywords.get(keyword);
      return Array.isArray(value) ? value.length > 0 : value instanceof Map && value.size > 0;
    };
    const others = [];
    const more = keywords.get("additionalProperties");
    if (more instanceof Map) others.push(["additionalProperties", more]);
    const patterns = keywords.get("patternProperties");
    if (patterns instanceof Map) {
      for (const [pattern, schema] of patterns) others.push([childPointer("patternProperties", pattern), schema]);
    }
    if (isFilled("properties") || isFilled("required")) {
      if (others.length > 0) this.note(pointer, "keys beside the listed ones are not shown");
      return this.#record(flat, hint);
    }
    if (others.length === 0) return dictOf(ANY);
    return dictOf(unionOf(others.map(([place, schema]) => this.type(schema, `${pointer}/${place}`, `${hint} value`))));
  }

  #record(flat, hint) {
    const { keywords, pointer } = flat;
    const known = this.#records.get(pointer);
    if (known?.record !== undefined) return { kind: "record", record: known.record };
    if (known !== undefined) {
      const place = this.#around.indexOf(pointer);
      // What is no longer around refers to what is.
      this.#refersTo = Math.min(this.#refersTo, Math.max(place, 0));
      return { kind: "enclosing", name: known.name };
    }
    const record = { name: this.#typeName(flat, hint), fields: [] };
    this.#records.set(pointer, { name: record.name });
    const depth = this.#around.length;
    this.#around.push(pointer);
    const before = this.#refersTo;
    this.#refersTo = Number.POSITIVE_INFINITY;
    for (const { name, schema, required, description } of propertiesOf(keywords)) {
      const place = childPointer(childPointer(pointer, "properties"), name);
      const type = schema === undefined ? ANY : this.type(schema, place, name);
      record.fields.push({ name, type, required, description });
    }
    this.#around.pop();
    if (this.#refersTo >= depth) {
      this.#records.set(pointer, { record });
      this.#refersTo = before;
    } else {
      this.#refersTo = Math.min(this.#refersTo, before);
    }
    return { kind: "record", record };
  }

  /** A name that no other record of the tool has. */
  #typeName({ keywords, pointer }, hint) {
    const title = keywords.get("title");
    if (typeof title === "string" && byteLength(title) <= MAX_TITLE && !isBlank(title)) {
      return this.#shared.typeNames.name(typeName(title));
    }
    const isDefined = /^\/(?:\$defs|definitions)\/[^/]*$/.test(pointer);
    return this.#shared.typeNames.name(typeName(isDefined ? lastPart(pointer) : hint));
  }
}

/** The keywords for the first items of an array, if there is one, and for the rest. */
function arrayKeywords(keywords) {
  if (Array.isArray(keywords.get("prefixItems"))) return { placesKeyword: "prefixItems", restKeyword: "items" };
  // As drafts before 2020-12 have it.
  if (Array.isArray(keywords.get("items"))) return { placesKeyword: "items", restKeyword: "additionalItems" };
  return { restKeyword: "items" };
}

/** Whether a keyword neither limits a value nor describes its shape. */
function saysNothing(keyword) {
  return isAnnotation(keyword) || keyword === "$defs" || keyword === "definitions" || keyword === "$anchor";
}

/** Whether a keyword describes the type. */
function isShape(keyword) {
  return !saysNothing(keyword) && !isBound(keyword);
}

/** The type of a value that only its bounds describe. */
function inferredType(keywords) {
  for (const [name, bounds] of BOUNDS_OF_TYPES) {
    if (bounds.some((keyword) => keywords.has(keyword))) return name;
  }
  return undefined;
}

const BOUNDS_OF_TYPES = [
  ["object", ["properties", "additionalProperties", "patternProperties", "required", "propertyNames"]],
  ["array", ["items", "prefixItems", "minItems", "maxItems", "uniqueItems"]],
  ["string", ["pattern", "minLength", "maxLength", "format"]],
  ["number", ["minimum", "maximum", "exclusiveMinimum", "exclusiveMaximum", "multipleOf"]],
];

/** The keys of an object: first the required ones, in the order in which the schema requires them. */
export function propertiesOf(keywords) {
  const given = keywords.get("properties");
  const listed = given instanceof Map ? given : new Map();
  const required = keywords.get("required");
  const names = new Set(Array.isArray(required) ? required.filter((name) => typeof name === "string") : []);
  const properties = [...names].map((name) => property(name, listed.get(name), true));
  for (const [name, schema] of listed) {
    if (!names.has(name)) properties.push(property(name, schema, false));
  }
  return properties;
}

function property(name, schema, required) {
  const text = schema instanceof Map ? schema.get("description") : undefined;
  const description = typeof text === "string" && !isBlank(text) ? text : undefined;
  return { name, schema, required, description };
}

function byteLength(text) {
  return new TextEncoder().encode(text).length;
}

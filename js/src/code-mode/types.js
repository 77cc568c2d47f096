// The types of parameters and results, as Python annotates them.
//
// A type is an object with a `kind`. `list` has `items`; `tuple` and `union` have
// `members`; `dict` has string keys and `values`; `literal` has `values`; `record` has
// a `record`: its `name` and `fields`; `enclosing` has the `name` of a record around it.

import { literal as textLiteral } from "./text.js";

export const ANY = Object.freeze({ kind: "Any" });
export const NONE = Object.freeze({ kind: "None" });
export const BOOL = Object.freeze({ kind: "bool" });
export const INT = Object.freeze({ kind: "int" });
export const FLOAT = Object.freeze({ kind: "float" });
export const STR = Object.freeze({ kind: "str" });

export function listOf(items) {
  return { kind: "list", items };
}

export function dictOf(values) {
  return { kind: "dict", values };
}

/**
 * One of several types. Unions among them are flattened, their literals merged, and
 * `None` comes last. A union with `Any` is `Any`.
 */
export function unionOf(types) {
  const flat = [];
  const literals = [];
  let takesNone = false;
  for (const member of types.flatMap((type) => (type.kind === "union" ? type.members : [type]))) {
    if (member.kind === "None") {
      takesNone = true;
    } else if (member.kind === "literal") {
      for (const value of member.values) if (!literals.includes(value)) literals.push(value);
    } else if (!flat.some((one) => isSame(one, member))) {
      flat.push(member);
    }
  }
  if (flat.some(({ kind }) => kind === "Any")) return ANY;
  if (literals.length > 0) flat.unshift({ kind: "literal", values: literals });
  if (takesNone) flat.push(NONE);
  return flat.length === 1 ? flat[0] : { kind: "union", members: flat };
}

export function takesNone(type) {
  if (type.kind === "union") return type.members.some(takesNone);
  return type.kind === "Any" || type.kind === "None";
}

/** The parts of a type, in the order in which they are written. */
export function partsOf(type) {
  switch (type.kind) {
    case "list":
      return [type.items];
    case "dict":
      return [type.values];
    case "tuple":
    case "union":
      return type.members;
    default:
      return [];
  }
}

function isSame(first, second) {
  if (first === second) return true;
  if (first.kind !== second.kind) return false;
  switch (first.kind) {
    case "literal":
      return isSameList(first.values, second.values, Object.is);
    case "enclosing":
      return first.name === second.name;
    case "record":
      return isSameRecord(first.record, second.record);
    default:
      return isSameList(partsOf(first), partsOf(second), isSame);
  }
}

function isSameRecord(first, second) {
  if (first === second) return true;
  return (
    first.name === second.name &&
    isSameList(
      first.fields,
      second.fields,
      (one, other) =>
        one.name === other.name &&
        one.required === other.required &&
        one.description === other.description &&
        isSame(one.type, other.type),
    )
  );
}

function isSameList(first, second, compare) {
  return first.length === second.length && first.every((item, index) => compare(item, second[index]));
}

/** A type as an annotation. `names` has the names of its records, in their order. */
export function annotation(type, names) {
  switch (type.kind) {
    case "list":
      return `list[${annotation(type.items, names)}]`;
    case "dict":
      return `dict[str, ${annotation(type.values, names)}]`;
    case "tuple":
      return `tuple[${type.members.map((member) => annotation(member, names)).join(", ")}]`;
    case "union":
      if (type.members.length === 0) return "Never";
      return type.members.map((member) => annotation(member, names)).join(" | ");
    case "literal":
      return `Literal[${type.values.map(scalar).join(", ")}]`;
    case "record":
    case "enclosing":
      return names.next().value ?? "Any";
    default:
      return type.kind;
  }
}

/** `None`, a boolean, a number or a text as Python writes it. */
function scalar(value) {
  switch (typeof value) {
    case "string":
      return textLiteral(value);
    case "number":
      return isInt(value) ? String(value) : float(value);
    case "boolean":
      return value ? "True" : "False";
    default:
      return "None";
  }
}

/** Whether a number of a JSON document is an `int`. */
export function isInt(value) {
  return Number.isSafeInteger(value) && !Object.is(value, -0);
}

/** A `float` as `repr` writes it. */
function float(value) {
  const [mantissa, exponent] = value.toExponential().split("e");
  const digits = mantissa.replace(/[-.]/g, "");
  const power = Number(exponent);
  const sign = value < 0 || Object.is(value, -0) ? "-" : "";
  if (power >= 16 || power < -4) {
    const shown = String(Math.abs(power)).padStart(2, "0");
    return `${mantissa}e${power < 0 ? "-" : "+"}${shown}`;
  }
  if (power < 0) return `${sign}0.${"0".repeat(-power - 1)}${digits}`;
  const whole = digits.slice(0, power + 1).padEnd(power + 1, "0");
  return `${sign}${whole}.${digits.slice(power + 1) || "0"}`;
}

/** The longest default that is written out, in bytes. */
const MAX_DEFAULT = 120;

/** A default, or `...` for one that is too long. `undefined` stands for `...` itself. */
export function defaultValue(value) {
  return (value === undefined ? undefined : written(value)) ?? "...";
}

function written(value) {
  if (typeof value === "string" && byteLength(value) > MAX_DEFAULT) return undefined;
  let source;
  if (Array.isArray(value)) {
    source = sequence("[", value, "]", written);
  } else if (value instanceof Map) {
    source = sequence("{", value, "}", ([key, item]) => {
      const [name, content] = [written(key), written(item)];
      return name === undefined || content === undefined ? undefined : `${name}: ${content}`;
    });
  } else {
    source = scalar(value);
  }
  return source !== undefined && byteLength(source) <= MAX_DEFAULT ? source : undefined;
}

function sequence(open, items, close, write) {
  const parts = [];
  for (const item of items) {
    const part = write(item);
    if (part === undefined) return undefined;
    parts.push(part);
  }
  return open + parts.join(", ") + close;
}

function byteLength(text) {
  return new TextEncoder().encode(text).length;
}

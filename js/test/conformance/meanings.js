// Values in the notation of `conformance/README.md`: an object with one key, the kind.

import * as m from "../../src/index.js";

const FLOATS = { inf: Number.POSITIVE_INFINITY, "-inf": Number.NEGATIVE_INFINITY, nan: Number.NaN };

export function toFloat(text) {
  return FLOATS[text] ?? Number(text);
}

export function fromHex(text) {
  return Uint8Array.from(text.match(/../g) ?? [], (digits) => Number.parseInt(digits, 16));
}

function toHex(bytes) {
  return Array.from(bytes, (byte) => byte.toString(16).padStart(2, "0")).join("");
}

/** The kind and the content of a meaning. */
export function open(meaning) {
  const kind = Object.keys(meaning).find((key) => key !== "as");
  return [kind, meaning[kind]];
}

/** The JavaScript value that a meaning is written for, with `values: "exact"`. */
export function toValue(meaning, labels = new Map()) {
  if (meaning.same !== undefined) return labels.get(meaning.same);
  const value = build(meaning, (part) => toValue(part, labels));
  if (meaning.as !== undefined) labels.set(meaning.as, value);
  return value;
}

function build(meaning, inner) {
  const [kind, content] = open(meaning);
  const pairs = (list) => list.map(([key, value]) => [inner(key), inner(value)]);
  const named = (list) => new Map(list.map(([name, value]) => [name, inner(value)]));
  const zone = (timezone) => (timezone === null ? undefined : new m.TimeZone(timezone["offset-seconds"], timezone.name ?? undefined));
  switch (kind) {
    case "none":
      return null;
    case "bool":
    case "str":
      return content;
    case "int":
      return Number.isSafeInteger(Number(content)) ? Number(content) : BigInt(content);
    case "float": {
      const number = toFloat(content);
      return Number.isSafeInteger(number) && !Object.is(number, -0) ? new m.PyFloat(number) : number;
    }
    case "bytes":
      return fromHex(content);
    case "ellipsis":
      return m.Ellipsis;
    case "not-implemented":
      return m.NotImplemented;
    case "list":
      return content.map(inner);
    case "tuple":
      return m.Tuple.from(content.map(inner));
    case "set":
      return new Set(content.map(inner));
    case "frozenset":
      return new m.FrozenSet(content.map(inner));
    case "dict":
      return new Map(pairs(content));
    case "complex":
      return new m.Complex(toFloat(content.real), toFloat(content.imaginary));
    case "decimal":
      return new m.Decimal(content);
    case "date":
      return new m.PyDate(content.year, content.month, content.day);
    case "datetime": {
      const { date, timezone, ...time } = content;
      return new m.PyDateTime({ ...date, ...time, timezone: zone(timezone) });
    }
    case "time":
      return new m.PyTime({ ...content, timezone: zone(content.timezone) });
    case "timedelta":
      return new m.TimeDelta(content);
    case "timezone":
      return zone(content);
    case "path":
      return new m.Path(content);
    case "exception":
      return new m.PythonError(content["type-name"], content.message ?? undefined);
    case "type-object":
      return new m.TypeObject(content);
    case "builtin-function":
      return new m.BuiltinFunction(content);
    case "function":
      return new m.HostFunction(content.name, content.docstring ?? undefined);
    case "named-tuple":
      return new m.NamedTuple(content["type-name"], [...named(content.fields)]);
    case "class": {
      const { name, id, dataclass } = content;
      return new m.PyClass(name, { id, dataclass, hostDefined: content["host-defined"], attributes: named(content.attributes) });
    }
    case "instance":
      return new m.Instance(inner(content.class), named(content.attributes), { id: content.id });
    case "module":
      return new m.Module(content.name, named(content.attributes), { id: content.id });
    case "file":
      return new m.File(content.path, content.mode, BigInt(content.position));
    case "representation":
      return new m.Representation(content);
    case "cycle":
      return new m.Cycle(content);
    default:
      throw new Error(`no value of kind ${kind} in the notation`);
  }
}

/**
 * What a JavaScript value means, as text that is the same for equal meanings: what is
 * held twice has a label, sets are in an order of their own.
 */
export function describe(value) {
  const places = new Map();
  count(value, places);
  const labels = new Map();
  return JSON.stringify(tell(value, (part) => places.get(part) > 1, labels));
}

function parts(value) {
  if (Array.isArray(value) || value instanceof Set) return [...value];
  if (value instanceof Map) return [...value].flat();
  if (value instanceof m.NamedTuple) return [...value.fields.values()];
  if (value instanceof m.Instance) return [value.class, ...value.attributes.values()];
  if (value instanceof m.PyClass || value instanceof m.Module) return [...value.attributes.values()];
  return undefined;
}

function count(value, places) {
  const inner = parts(value);
  if (inner === undefined) return;
  places.set(value, (places.get(value) ?? 0) + 1);
  if (places.get(value) === 1) for (const part of inner) count(part, places);
}

function tell(value, isShared, labels) {
  const inner = (part) => tell(part, isShared, labels);
  if (labels.has(value)) return { same: labels.get(value) };
  const shared = parts(value) !== undefined && isShared(value);
  if (shared) labels.set(value, String(labels.size + 1));
  const told = tellOnce(value, inner);
  return shared ? { ...told, as: labels.get(value) } : told;
}

function tellOnce(value, inner) {
  const named = (map) => [...map].map(([name, part]) => [name, inner(part)]);
  const zone = (timezone) => (timezone === undefined ? null : { "offset-seconds": timezone.offsetSeconds, name: timezone.name ?? null });
  const time = ({ hour, minute, second, microsecond, timezone }) => ({ hour, minute, second, microsecond, timezone: zone(timezone) });
  if (value === null) return { none: null };
  if (value === m.Ellipsis) return { ellipsis: null };
  if (value === m.NotImplemented) return { "not-implemented": null };
  if (typeof value === "boolean") return { bool: value };
  if (typeof value === "string") return { str: value };
  if (typeof value === "bigint") return { int: String(value) };
  if (typeof value === "number") {
    return Number.isSafeInteger(value) && !Object.is(value, -0) ? { int: String(value) } : { float: tellFloat(value) };
  }
  if (value instanceof m.PyFloat) return { float: tellFloat(value.value) };
  if (value instanceof Uint8Array) return { bytes: toHex(value) };
  if (value instanceof m.Tuple) return { tuple: value.map(inner) };
  if (Array.isArray(value)) return { list: value.map(inner) };
  if (value instanceof m.FrozenSet) return { frozenset: inOrder([...value].map(inner)) };
  if (value instanceof Set) return { set: inOrder([...value].map(inner)) };
  if (value instanceof Map) return { dict: [...value].map(([key, part]) => [inner(key), inner(part)]) };
  if (value instanceof m.Complex) return { complex: { real: tellFloat(value.real), imaginary: tellFloat(value.imaginary) } };
  if (value instanceof m.Decimal) return { decimal: value.text };
  if (value instanceof m.PyDateTime) {
    return { datetime: { date: { year: value.year, month: value.month, day: value.day }, ...time(value) } };
  }
  if (value instanceof m.PyDate) return { date: { year: value.year, month: value.month, day: value.day } };
  if (value instanceof m.PyTime) return { time: { ...time(value), fold: value.fold } };
  if (value instanceof m.TimeDelta) return { timedelta: { days: value.days, seconds: value.seconds, microseconds: value.microseconds } };
  if (value instanceof m.TimeZone) return { timezone: zone(value) };
  if (value instanceof m.Path) return { path: value.path };
  if (value instanceof m.PythonError) return { exception: { "type-name": value.type, message: value.pythonMessage ?? null } };
  if (value instanceof m.TypeObject) return { "type-object": value.name };
  if (value instanceof m.BuiltinFunction) return { "builtin-function": value.name };
  if (value instanceof m.HostFunction) return { function: { name: value.name, docstring: value.docstring ?? null } };
  if (value instanceof m.NamedTuple) return { "named-tuple": { "type-name": value.typeName, fields: named(value.fields) } };
  if (value instanceof m.PyClass) {
    const { name, id, hostDefined, dataclass, attributes } = value;
    return { class: { name, id, "host-defined": hostDefined, dataclass, attributes: named(attributes) } };
  }
  if (value instanceof m.Instance) return { instance: { class: inner(value.class), id: value.id, attributes: named(value.attributes) } };
  if (value instanceof m.Module) return { module: { name: value.name, id: value.id, attributes: named(value.attributes) } };
  if (value instanceof m.File) return { file: { path: value.path, mode: value.mode, position: String(value.position) } };
  if (value instanceof m.Cycle) return { cycle: value.text };
  if (value instanceof m.Representation) return { representation: value.text };
  throw new Error(`no notation for ${value}`);
}

function tellFloat(number) {
  return Object.is(number, -0) ? "-0" : String(number);
}

function inOrder(meanings) {
  return meanings.toSorted((first, second) => (JSON.stringify(first) < JSON.stringify(second) ? -1 : 1));
}

// Decodes the operands and the graph of a message into JavaScript values.

import { PythonError } from "./errors.js";
import { CAPS, GraphError, Kind, checkGraph, cutTexts, scalarBytes, tooLarge } from "./graph.js";
import { fromBytes } from "./integers.js";
import * as values from "./values.js";

/** Decodes the values of one message, after checking its graph. */
export class Decoder {
  #objects = [];
  #style;
  #caps;
  // The size of each object of the graph, and of the values taken so far.
  #sizes = [];
  #taken = 0;

  /** `style` is `"natural"` or `"exact"`. */
  constructor(graph, { style = "natural", caps = CAPS } = {}) {
    this.#style = style;
    this.#caps = caps;
    if (graph === undefined) return;
    this.#sizes = checkGraph(graph, caps);
    this.#objects = build(graph, style);
  }

  /** The size of the values taken so far. */
  get takenBytes() {
    return this.#taken;
  }

  value(operand) {
    this.#taken += (operand.tag === "node" ? this.#sizes[operand.val] : scalarBytes(operand.val)) ?? 0;
    if (this.#taken > this.#caps.expandedBytes) throw tooLarge("the message's values take", this.#caps);
    switch (operand.tag) {
      case "null":
        return null;
      case "integer":
        return toInt(operand.val);
      case "float":
        return toFloat(operand.val, this.#style);
      case "node":
        if (operand.val >= this.#objects.length) {
          throw new GraphError(
            `an operand names graph object ${operand.val}, but the graph has ${this.#objects.length}`,
          );
        }
        return this.#objects[operand.val];
      default:
        return operand.val;
    }
  }
}

/** Decodes a message that holds one value. */
export function decodeValue({ root, graph }, options) {
  return new Decoder(graph, options).value(root);
}

function toTimezone(zone) {
  return zone === undefined ? undefined : new values.TimeZone(zone.offsetSeconds, zone.name);
}

export function toUuid({ high, low }) {
  const digits = high.toString(16).padStart(16, "0") + low.toString(16).padStart(16, "0");
  return digits.replace(/^(.{8})(.{4})(.{4})(.{4})/, "$1-$2-$3-$4-");
}

/** The objects of a checked graph. */
function build(graph, style) {
  const { kinds, counts, children, integers, floats, blobLengths, blobs, rare } = graph;
  const texts = cutTexts(graph.text, graph.textLengths);
  const objects = new Array(kinds.length);
  let nextCount = 0;
  let nextChild = 0;
  let nextInteger = 0;
  let nextFloat = 0;
  let nextText = 0;
  let nextBlob = 0;
  let nextByte = 0;
  let nextRare = 0;
  const takeIds = () => children.subarray(nextChild, (nextChild += counts[nextCount++]));
  for (let id = 0; id < kinds.length; id += 1) {
    objects[id] = ((kind) => {
      switch (kind) {
        case Kind.NONE:
          return null;
        case Kind.FALSE:
          return false;
        case Kind.TRUE:
          return true;
        case Kind.ELLIPSIS:
          return values.Ellipsis;
        case Kind.NOT_IMPLEMENTED:
          return values.NotImplemented;
        case Kind.INTEGER:
          return toInt(integers[nextInteger++]);
        case Kind.FLOAT:
          return toFloat(floats[nextFloat++], style);
        case Kind.TEXT:
          return texts[nextText++];
        case Kind.BYTES:
          return blobs.slice(nextByte, (nextByte += blobLengths[nextBlob++]));
        case Kind.LIST:
          return items(objects, takeIds(), []);
        case Kind.TUPLE:
          return items(objects, takeIds(), new values.Tuple());
        case Kind.SET:
          return new Set(items(objects, takeIds(), []));
        case Kind.FROZEN_SET:
          return new values.FrozenSet(items(objects, takeIds(), []));
        case Kind.DICT:
          return toDict(objects, takeIds(), style);
        default:
          return toRare(rare[nextRare++], objects, takeIds);
      }
    })(kinds[id]);
  }
  return objects;
}

function toRare({ tag, val }, objects, takeIds) {
  switch (tag) {
    case "big-integer":
      return fromBytes(val);
    case "complex":
      return new values.Complex(val.real, val.imaginary);
    case "decimal":
      return checked(() => new values.Decimal(val));
    case "date":
      return checked(() => new values.PyDate(val.year, val.month, val.day));
    case "datetime":
      return checked(() => {
        const { date, ...time } = val;
        return new values.PyDateTime({ ...date, ...time, timezone: toTimezone(val.timezone) });
      });
    case "time":
      return checked(() => new values.PyTime({ ...val, timezone: toTimezone(val.timezone) }));
    case "timedelta":
      return checked(() => new values.TimeDelta(val));
    case "timezone":
      return checked(() => toTimezone(val));
    case "path":
      return new values.Path(val);
    case "exception":
      return new PythonError(val.typeName, val.message);
    case "type-object":
      return new values.TypeObject(val);
    case "builtin-function":
      return new values.BuiltinFunction(val);
    case "function":
      return new values.HostFunction(val.name, val.docstring);
    case "named-tuple": {
      const ids = takeIds();
      return new values.NamedTuple(
        val.typeName,
        val.fieldNames.map((name, index) => [name, objects[ids[index]]]),
      );
    }
    case "class": {
      const attributes = toMap(objects, takeIds());
      const { name, hostDefined, dataclass } = val;
      return new values.PyClass(name, { id: toUuid(val.id), hostDefined, dataclass, attributes });
    }
    case "instance": {
      return new values.Instance(objects[val.class], toMap(objects, takeIds()), { id: toUuid(val.id) });
    }
    case "module": {
      return new values.Module(val.name, toMap(objects, takeIds()), { id: toUuid(val.id) });
    }
    case "file":
      return new values.File(val.path, val.mode, toInt(val.position));
    case "representation":
      return new values.Representation(val);
    default:
      return new values.Cycle(val);
  }
}

function items(objects, ids, into) {
  for (let index = 0; index < ids.length; index += 1) into.push(objects[ids[index]]);
  return into;
}

function toMap(objects, ids) {
  const map = new Map();
  for (let index = 0; index < ids.length; index += 2) map.set(objects[ids[index]], objects[ids[index + 1]]);
  return map;
}

function toDict(objects, ids, style) {
  if (style === "exact") return toMap(objects, ids);
  const object = {};
  for (let index = 0; index < ids.length; index += 2) {
    const key = objects[ids[index]];
    if (typeof key !== "string") return toMap(objects, ids);
    const value = objects[ids[index + 1]];
    if (key === "__proto__") {
      // An assignment would set the prototype.
      Object.defineProperty(object, key, { value, enumerable: true, configurable: true, writable: true });
    } else {
      object[key] = value;
    }
  }
  return object;
}

function toInt(value) {
  const number = Number(value);
  return Number.isSafeInteger(number) ? number : value;
}

function toFloat(value, style) {
  return style === "exact" && Number.isSafeInteger(value) && !Object.is(value, -0) ? new values.PyFloat(value) : value;
}

function checked(build) {
  try {
    return build();
  } catch (error) {
    throw new GraphError(`the graph holds an invalid value: ${error.message}`);
  }
}

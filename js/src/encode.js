// JavaScript values into the operands and the graph of a message.

import { PythonError } from "./errors.js";
import { CAPS, GraphBuilder, GraphError, Kind, utf8Length } from "./graph.js";
import * as values from "./values.js";

const LEAST_S64 = -(2n ** 63n);
const MOST_S64 = 2n ** 63n - 1n;

/**
 * Encodes the values of one message. An object that is met twice is one object
 * of the graph, and one object in Python.
 */
export class Encoder {
  #builder = new GraphBuilder();
  #ids = new Map();
  #open = new Set();
  #path = [];
  #caps;
  #objects;

  /** `objects` is told of classes, instances and modules of the host. */
  constructor({ caps = CAPS, objects } = {}) {
    this.#caps = caps;
    this.#objects = objects;
  }

  /** A value: inline if it is a scalar, otherwise in the graph. `name` is what errors call it. */
  operand(value, name) {
    switch (typeof value) {
      case "undefined":
        return { tag: "null" };
      case "boolean":
        return { tag: "boolean", val: value };
      case "number":
        return isInt(value) ? { tag: "integer", val: BigInt(value) } : { tag: "float", val: value };
      case "bigint":
        if (fits64(value)) return { tag: "integer", val: value };
        break;
      case "string":
        this.#path = [name];
        return { tag: "text", val: this.#checkText(value) };
      default:
        if (value === null) return { tag: "null" };
        if (value instanceof values.PyFloat) return { tag: "float", val: value.value };
        if (value instanceof Uint8Array) return { tag: "bytes", val: value };
    }
    this.#path = [name];
    return { tag: "node", val: this.#encode(value).id };
  }

  /** Named values, from an object or a map. */
  named(entries) {
    const list = entries instanceof Map ? [...entries] : Object.entries(entries);
    return list.map(([name, value]) => ({ name: String(name), value: this.operand(value, String(name)) }));
  }

  /** The graph of the message, or `undefined` if no operand needs one. */
  finish() {
    return this.#builder.finish();
  }

  #encode(value) {
    switch (typeof value) {
      case "undefined":
        return this.#plain(Kind.NONE);
      case "boolean":
        return this.#plain(value ? Kind.TRUE : Kind.FALSE);
      case "number":
        return isInt(value) ? this.#integer(BigInt(value)) : this.#float(value);
      case "bigint":
        return fits64(value) ? this.#integer(value) : this.#rare("big-integer", toBytes(value));
      case "string":
        return this.#text(value);
      case "object":
        if (value === null) return this.#plain(Kind.NONE);
        return this.#ids.get(value) ?? this.#object(value);
      case "function":
        throw this.#error("a function is given to the script as a tool, not as a value");
      default:
        throw this.#error(`a ${typeof value} has no form in Python`);
    }
  }

  #object(value) {
    if (this.#open.has(value)) throw this.#error("the value holds itself");
    if (this.#open.size > this.#caps.depth) {
      throw this.#error(`the value is nested more than ${this.#caps.depth} levels deep`);
    }
    this.#open.add(value);
    const encoded = this.#objectOnce(value);
    this.#open.delete(value);
    this.#ids.set(value, encoded);
    return encoded;
  }

  #objectOnce(value) {
    if (Array.isArray(value)) return this.#sequence(value instanceof values.Tuple ? Kind.TUPLE : Kind.LIST, value);
    if (value instanceof Map) return this.#dict(value);
    if (value instanceof Set) return this.#sequence(value instanceof values.FrozenSet ? Kind.FROZEN_SET : Kind.SET, value);
    if (value instanceof Uint8Array) return this.#bytes(value);
    if (value instanceof ArrayBuffer) return this.#bytes(new Uint8Array(value));
    if (value instanceof Date) return this.#date(value);
    if (value === values.Ellipsis) return this.#plain(Kind.ELLIPSIS);
    if (value === values.NotImplemented) return this.#plain(Kind.NOT_IMPLEMENTED);
    const prototype = Object.getPrototypeOf(value);
    if (prototype === null || prototype === Object.prototype) return this.#dict(Object.entries(value));
    return this.#marker(value);
  }

  #marker(value) {
    switch (true) {
      case value instanceof values.PyFloat:
        return this.#float(value.value);
      case value instanceof values.PyDateTime:
        return this.#rare("datetime", { date: toWitDate(value), ...toWitTime(value) });
      case value instanceof values.PyDate:
        return this.#rare("date", toWitDate(value));
      case value instanceof values.PyTime:
        return this.#rare("time", { ...toWitTime(value), fold: value.fold });
      case value instanceof values.TimeDelta:
        return this.#rare("timedelta", {
          days: value.days,
          seconds: value.seconds,
          microseconds: value.microseconds,
        });
      case value instanceof values.TimeZone:
        return this.#rare("timezone", toWitTimezone(value));
      case value instanceof values.Decimal:
        return this.#rare("decimal", this.#checkText(value.text));
      case value instanceof values.Complex:
        return this.#rare("complex", { real: value.real, imaginary: value.imaginary });
      case value instanceof values.Path:
        return this.#rare("path", this.#checkText(value.path));
      case value instanceof PythonError:
        return this.#rare("exception", {
          typeName: this.#checkText(value.type),
          message: value.pythonMessage === undefined ? undefined : this.#checkText(value.pythonMessage),
        });
      case value instanceof values.TypeObject:
        return this.#rare("type-object", this.#checkText(value.name));
      case value instanceof values.BuiltinFunction:
        return this.#rare("builtin-function", this.#checkText(value.name));
      case value instanceof values.HostFunction:
        return this.#rare("function", { name: this.#checkText(value.name), docstring: value.docstring });
      case value instanceof values.File:
        return this.#rare("file", { path: value.path, mode: value.mode, position: BigInt(value.position) });
      case value instanceof values.NamedTuple:
        return this.#namedTuple(value);
      case value instanceof values.PyClass:
      case value instanceof values.Instance:
      case value instanceof values.Module:
        return this.#hostObject(value);
      case value instanceof values.Cycle:
        return this.#rare("cycle", value.text);
      case value instanceof values.Representation:
        return this.#rare("representation", value.text);
      default:
        throw this.#error(`a ${value.constructor?.name ?? "value"} has no form in Python`);
    }
  }

  #plain(kind) {
    return this.#done(this.#builder.push(kind));
  }

  #integer(value) {
    this.#builder.integers.push(value);
    return this.#plain(Kind.INTEGER);
  }

  #float(value) {
    this.#builder.floats.push(value);
    return this.#plain(Kind.FLOAT);
  }

  #text(value) {
    // Equal keys of many dicts are sent once.
    const known = this.#ids.get(value);
    if (known !== undefined) return known;
    const length = utf8Length(this.#checkText(value));
    const encoded = this.#done(this.#builder.pushText(value, length), 16 + length);
    this.#ids.set(value, encoded);
    return encoded;
  }

  #bytes(value) {
    this.#builder.blobs.push(value);
    return this.#done(this.#builder.push(Kind.BYTES), 16 + value.length);
  }

  #date(value) {
    let datetime;
    try {
      datetime = values.PyDateTime.fromDate(value);
    } catch (error) {
      throw this.#error(error.message);
    }
    return this.#marker(datetime);
  }

  #rare(tag, val) {
    const size = typeof val === "string" || val instanceof Uint8Array ? val.length : 0;
    return this.#done(this.#builder.pushRare({ tag, val }), 16 + size);
  }

  #sequence(kind, items) {
    const ids = [];
    const sum = { depth: 0, size: 16 };
    let index = 0;
    for (const item of items) {
      this.#path.push(index);
      ids.push(hold(sum, this.#encode(item)));
      this.#path.pop();
      index += 1;
    }
    return this.#done(this.#builder.pushContainer(kind, ids), sum.size, sum.depth);
  }

  #dict(entries) {
    const sum = { depth: 0, size: 16 };
    const ids = this.#pairs(entries, sum);
    return this.#done(this.#builder.pushContainer(Kind.DICT, ids), sum.size, sum.depth);
  }

  #pairs(entries, sum) {
    const ids = [];
    for (const [key, value] of entries) {
      this.#path.push(key);
      ids.push(hold(sum, this.#encode(key)), hold(sum, this.#encode(value)));
      this.#path.pop();
    }
    return ids;
  }

  #namedTuple(value) {
    const sum = { depth: 0, size: 16 };
    const ids = [];
    for (const item of value.fields.values()) ids.push(hold(sum, this.#encode(item)));
    const node = { typeName: value.typeName, fieldNames: [...value.fields.keys()] };
    return this.#done(this.#builder.pushRare({ tag: "named-tuple", val: node }, ids), sum.size, sum.depth);
  }

  #hostObject(value) {
    const sum = { depth: 0, size: 16 };
    const id = this.#objectId(value.id);
    let node;
    if (value instanceof values.Instance) {
      const { id: classId } = this.#encode(value.class);
      hold(sum, this.#ids.get(value.class));
      node = { tag: "instance", val: { class: classId, id } };
    } else if (value instanceof values.PyClass) {
      const { name, hostDefined, dataclass } = value;
      node = { tag: "class", val: { name, id, hostDefined, dataclass } };
    } else {
      node = { tag: "module", val: { name: value.name, id } };
    }
    const ids = this.#pairs(value.attributes, sum);
    this.#objects?.set(value.id, value);
    return this.#done(this.#builder.pushRare(node, ids), sum.size, sum.depth);
  }

  #objectId(uuid) {
    const digits = String(uuid).replaceAll("-", "");
    if (!/^[0-9a-f]{32}$/i.test(digits)) throw this.#error("an object's id is a UUID");
    return { high: BigInt(`0x${digits.slice(0, 16)}`), low: BigInt(`0x${digits.slice(16)}`) };
  }

  #done(id, size = 16, depth = 0) {
    if (depth > this.#caps.depth) {
      throw this.#error(`the value is nested more than ${this.#caps.depth} levels deep`);
    }
    if (size > this.#caps.expandedBytes) {
      throw this.#error(
        `the value is larger than ${this.#caps.expandedBytes} bytes, counting shared objects at each place that holds them`,
      );
    }
    return { id, size, depth };
  }

  #checkText(text) {
    if (!text.isWellFormed()) throw this.#error("a string with half a surrogate pair is no str");
    return text;
  }

  #error(reason) {
    const [root, ...steps] = this.#path;
    const path = steps.reduce((text, step) => {
      const isName = typeof step === "string" && /^[\p{L}_][\p{L}\p{N}_]*$/u.test(step);
      return isName ? (text === "" ? step : `${text}.${step}`) : `${text}[${String(step).slice(0, 40)}]`;
    }, root ?? "");
    return new GraphError(path === "" ? reason : `${path}: ${reason}`);
  }
}

/** One value as a message of its own. */
export function encodeValue(value, options) {
  const encoder = new Encoder(options);
  const root = encoder.operand(value);
  return { root, graph: encoder.finish() };
}

export function toWitTimezone(zone) {
  return { offsetSeconds: zone.offsetSeconds, name: zone.name };
}

export function toWitDate({ year, month, day }) {
  return { year, month, day };
}

function toWitTime({ hour, minute, second, microsecond, timezone }) {
  return { hour, minute, second, microsecond, timezone: timezone && toWitTimezone(timezone) };
}

function hold(sum, child) {
  sum.depth = Math.max(sum.depth, child.depth + 1);
  sum.size += child.size + 8;
  return child.id;
}

function isInt(value) {
  return Number.isSafeInteger(value) && !Object.is(value, -0);
}

function fits64(value) {
  return value >= LEAST_S64 && value <= MOST_S64;
}

/** Little-endian two's complement of minimal length. */
function toBytes(value) {
  const magnitude = value < 0n ? ~value : value;
  // One bit more for the sign.
  const length = (magnitude.toString(16).length >> 1) + 1;
  let digits = BigInt.asUintN(length * 8, value).toString(16).padStart(length * 2, "0");
  if (length > 1 && isSignExtension(digits)) digits = digits.slice(2);
  return Uint8Array.from(digits.match(/../g).reverse(), (byte) => Number.parseInt(byte, 16));
}

function isSignExtension(digits) {
  const isNegative = Number.parseInt(digits[2], 16) >= 8;
  return digits.startsWith(isNegative ? "ff" : "00");
}

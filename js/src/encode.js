// Encodes JavaScript values as the operands and the graph of a message.

import { toEntries } from "./check.js";
import { PythonError } from "./errors.js";
import {
  CAPS,
  CHILD_BYTES,
  GraphBuilder,
  GraphError,
  Kind,
  OBJECT_BYTES,
  payloadBytes,
  scalarBytes,
  tooDeep,
  tooLarge,
  utf8Length,
} from "./graph.js";
import { isLonger, toBytes } from "./integers.js";
import * as values from "./values.js";

const LEAST_S64 = -(2n ** 63n);
const MOST_S64 = 2n ** 63n - 1n;

/** Encodes the values of one message. An object held twice becomes one object in Python. */
export class Encoder {
  #builder = new GraphBuilder();
  #ids = new Map();
  #open = new Set();
  #path = [];
  #caps;
  #objects;
  // The size of the operands so far.
  #taken = 0;

  /** `objects` registers classes, instances and modules of the host. */
  constructor({ caps = CAPS, objects } = {}) {
    this.#caps = caps;
    this.#objects = objects;
  }

  /** Encodes a value, inline if it is a scalar. `name` is its name in errors. */
  operand(value, name) {
    this.#path = [name];
    const scalar = this.#scalar(value);
    if (scalar !== undefined) {
      this.#take(scalarBytes(scalar.val));
      return scalar;
    }
    const { id, size } = this.#encode(value);
    this.#take(size);
    return { tag: "node", val: id };
  }

  /** The operand of a scalar, or `undefined`. */
  #scalar(value) {
    switch (typeof value) {
      case "undefined":
        return { tag: "null" };
      case "boolean":
        return { tag: "boolean", val: value };
      case "number":
        return isInt(value) ? { tag: "integer", val: BigInt(value) } : { tag: "float", val: value };
      case "bigint":
        return fits64(value) ? { tag: "integer", val: value } : undefined;
      case "string":
        return { tag: "text", val: this.#checkText(value) };
      default:
        if (value === null) return { tag: "null" };
        if (value instanceof values.PyFloat) return { tag: "float", val: value.value };
        if (value instanceof Uint8Array) return { tag: "bytes", val: value };
        return undefined;
    }
  }

  /** Named values, from an object or a map. */
  named(entries) {
    return [...toEntries(entries)].map(([name, value]) => ({ name, value: this.operand(value, name) }));
  }

  /** The graph, or `undefined` if no operand needs one. */
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
        return fits64(value) ? this.#integer(value) : this.#bigInteger(value);
      case "string":
        return this.#text(value);
      case "object":
        if (value === null) return this.#plain(Kind.NONE);
        return this.#ids.get(value) ?? this.#object(value);
      case "function":
        throw this.#error("a function cannot be a value: pass it as a tool");
      default:
        throw this.#error(`a ${typeof value} has no equivalent in Python`);
    }
  }

  #object(value) {
    if (this.#open.has(value)) throw this.#error("the value contains itself");
    if (this.#open.size > this.#caps.depth) throw this.#exceeded(tooDeep, "the value is nested");
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
        throw this.#error(`a ${value.constructor?.name ?? "value"} has no equivalent in Python`);
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
    // Equal keys of several dicts are sent once.
    const known = this.#ids.get(value);
    if (known !== undefined) return known;
    const length = utf8Length(this.#checkText(value));
    this.#checkSize(OBJECT_BYTES + length);
    const encoded = this.#done(this.#builder.pushText(value, length), OBJECT_BYTES + length);
    this.#ids.set(value, encoded);
    return encoded;
  }

  #bytes(value) {
    this.#checkSize(OBJECT_BYTES + value.length);
    this.#builder.blobs.push(value);
    return this.#done(this.#builder.push(Kind.BYTES), OBJECT_BYTES + value.length);
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

  #bigInteger(value) {
    // Checked before its digits are written out.
    if (isLonger(value, this.#caps.expandedBytes)) throw this.#exceeded(tooLarge, "the int takes");
    return this.#rare("big-integer", toBytes(value));
  }

  #rare(tag, val) {
    const node = { tag, val };
    return this.#done(this.#builder.pushRare(node), OBJECT_BYTES + payloadBytes(node));
  }

  #sequence(kind, items) {
    const ids = [];
    const sum = { depth: 0, size: OBJECT_BYTES };
    let index = 0;
    for (const item of items) {
      this.#path.push(index);
      ids.push(this.#hold(sum, this.#encode(item)));
      this.#path.pop();
      index += 1;
    }
    return this.#done(this.#builder.pushContainer(kind, ids), sum.size, sum.depth);
  }

  #dict(entries) {
    const sum = { depth: 0, size: OBJECT_BYTES };
    const ids = this.#pairs(entries, sum);
    return this.#done(this.#builder.pushContainer(Kind.DICT, ids), sum.size, sum.depth);
  }

  #pairs(entries, sum) {
    const ids = [];
    for (const [key, value] of entries) {
      this.#path.push(key);
      ids.push(this.#hold(sum, this.#encode(key)), this.#hold(sum, this.#encode(value)));
      this.#path.pop();
    }
    return ids;
  }

  #namedTuple(value) {
    const sum = { depth: 0, size: OBJECT_BYTES };
    const ids = [];
    for (const item of value.fields.values()) ids.push(this.#hold(sum, this.#encode(item)));
    const node = { tag: "named-tuple", val: { typeName: value.typeName, fieldNames: [...value.fields.keys()] } };
    return this.#done(this.#builder.pushRare(node, ids), sum.size + payloadBytes(node), sum.depth);
  }

  #hostObject(value) {
    const sum = { depth: 0, size: OBJECT_BYTES };
    const id = this.#objectId(value.id);
    let node;
    if (value instanceof values.Instance) {
      const { id: classId } = this.#encode(value.class);
      this.#hold(sum, this.#ids.get(value.class));
      node = { tag: "instance", val: { class: classId, id } };
    } else if (value instanceof values.PyClass) {
      const { name, hostDefined, dataclass } = value;
      node = { tag: "class", val: { name, id, hostDefined, dataclass } };
    } else {
      node = { tag: "module", val: { name: value.name, id } };
    }
    for (const name of value.attributes.keys()) {
      if (typeof name !== "string") throw this.#error(`${value.name ?? value.class.name} has an attribute whose name is not a string`);
    }
    const ids = this.#pairs(value.attributes, sum);
    this.#objects?.set(value.id, value);
    return this.#done(this.#builder.pushRare(node, ids), sum.size + payloadBytes(node), sum.depth);
  }

  #objectId(uuid) {
    const digits = String(uuid).replaceAll("-", "");
    if (!/^[0-9a-f]{32}$/i.test(digits)) throw this.#error("the id of an object must be a UUID");
    return { high: BigInt(`0x${digits.slice(0, 16)}`), low: BigInt(`0x${digits.slice(16)}`) };
  }

  #hold(sum, child) {
    sum.depth = Math.max(sum.depth, child.depth + 1);
    sum.size += child.size + CHILD_BYTES;
    // At each child, since an iterable may be endless.
    this.#checkSize(sum.size);
    return child.id;
  }

  #done(id, size = OBJECT_BYTES, depth = 0) {
    if (depth > this.#caps.depth) throw this.#exceeded(tooDeep, "the value is nested");
    this.#checkSize(size);
    return { id, size, depth };
  }

  /** Counts the size of an operand. */
  #take(size) {
    this.#taken += size;
    if (this.#taken > this.#caps.expandedBytes) throw tooLarge("the message's values take", this.#caps);
  }

  #checkSize(size) {
    if (size > this.#caps.expandedBytes) throw this.#exceeded(tooLarge, "the value takes");
  }

  #checkText(text) {
    // UTF-8 has at least as many bytes as the text has UTF-16 units.
    this.#checkSize(text.length);
    if (!text.isWellFormed()) throw this.#error("a string with half a surrogate pair has no equivalent in Python");
    return text;
  }

  #exceeded(makeError, what) {
    return makeError(this.#place() + what, this.#caps);
  }

  #error(reason) {
    return new GraphError(this.#place() + reason);
  }

  /** The path to the current value, for an error. */
  #place() {
    const [root, ...steps] = this.#path;
    // The middle of a long path says least.
    const shown = steps.length > 20 ? [...steps.slice(0, 10), "…", ...steps.slice(-10)] : steps;
    const path = shown.reduce((text, step) => {
      const isName = typeof step === "string" && /^[\p{L}_][\p{L}\p{N}_]*$/u.test(step);
      const name = String(step).slice(0, 40);
      return isName ? (text === "" ? name : `${text}.${name}`) : `${text}[${name}]`;
    }, root ?? "");
    return path === "" ? "" : `${path}: `;
  }
}

/** Encodes a message that holds one value. */
export function encodeValue(value, options) {
  const encoder = new Encoder(options);
  const root = encoder.operand(value);
  return { root, graph: encoder.finish() };
}

export function toWitTimezone(zone) {
  return { offsetSeconds: zone.offsetSeconds, name: zone.name };
}

function toWitDate({ year, month, day }) {
  return { year, month, day };
}

function toWitTime({ hour, minute, second, microsecond, timezone }) {
  return { hour, minute, second, microsecond, timezone: timezone && toWitTimezone(timezone) };
}

function isInt(value) {
  return Number.isSafeInteger(value) && !Object.is(value, -0);
}

function fits64(value) {
  return value >= LEAST_S64 && value <= MOST_S64;
}

// Classes for Python values without an equivalent in JavaScript.

import { anything, boolean, checkOptions, isPlain, string } from "./check.js";
import { toolEntries } from "./tools.js";

// The constructors check numbers and their ranges.
const TIME_FIELDS = {
  hour: anything,
  minute: anything,
  second: anything,
  microsecond: anything,
  timezone: { wants: "a TimeZone", accepts: (value) => value instanceof TimeZone },
};
const DATETIME_FIELDS = { year: anything, month: anything, day: anything, ...TIME_FIELDS };
const DELTA_FIELDS = { days: anything, seconds: anything, microseconds: anything };
const OBJECT_OPTIONS = { id: string };
const CLASS_OPTIONS = {
  id: string,
  hostDefined: boolean,
  dataclass: boolean,
  attributes: { wants: "a plain object or a Map", accepts: (value) => isPlain(value) || value instanceof Map },
  methods: toolEntries,
};

/** A `float` without a fraction, such as `1.0`, which a number would turn into an `int`. */
export class PyFloat {
  constructor(value) {
    this.value = Number(value);
  }

  valueOf() {
    return this.value;
  }
}

/** A `tuple`, made with `Tuple.of()` or `Tuple.from()`. */
export class Tuple extends Array {
  // `map()` and `filter()` of a tuple return arrays.
  static get [Symbol.species]() {
    return Array;
  }
}

/** A `frozenset`. */
export class FrozenSet extends Set {}

/** `...` */
export const Ellipsis = Object.freeze({ toString: () => "Ellipsis" });

/** `NotImplemented` */
export const NotImplemented = Object.freeze({ toString: () => "NotImplemented" });

/** A `complex`. */
export class Complex {
  constructor(real, imaginary) {
    this.real = real;
    this.imaginary = imaginary;
  }
}

const DECIMAL = /^[+-]?(?:(?:\d+\.?\d*|\.\d+)(?:e[+-]?\d+)?|inf(?:inity)?|s?nan\d*)$/i;

/** A `decimal.Decimal`, as its text. */
export class Decimal {
  constructor(text) {
    this.text = String(text);
    if (!DECIMAL.test(this.text)) {
      throw new RangeError(`${JSON.stringify(this.text.slice(0, 40))} is not a decimal number`);
    }
  }

  toString() {
    return this.text;
  }
}

/** A `pathlib.Path`. */
export class Path {
  constructor(path) {
    this.path = String(path);
  }

  toString() {
    return this.path;
  }
}

/** A `datetime.date`. */
export class PyDate {
  constructor(year, month, day) {
    checkDate(year, month, day);
    this.year = year;
    this.month = month;
    this.day = day;
  }

  /** Midnight UTC of the day. */
  toDate() {
    return utc(this, 0, 0, 0, 0);
  }

  toString() {
    return `${pad(this.year, 4)}-${pad(this.month, 2)}-${pad(this.day, 2)}`;
  }
}

/** A `datetime.timezone`: an offset in seconds east of UTC. */
export class TimeZone {
  constructor(offsetSeconds, name) {
    checkRange("offsetSeconds", offsetSeconds, -86399, 86399);
    this.offsetSeconds = offsetSeconds;
    this.name = name;
  }

  toString() {
    const seconds = Math.abs(this.offsetSeconds);
    const sign = this.offsetSeconds < 0 ? "-" : "+";
    const text = `${sign}${pad(Math.floor(seconds / 3600), 2)}:${pad(Math.floor(seconds / 60) % 60, 2)}`;
    return seconds % 60 === 0 ? text : `${text}:${pad(seconds % 60, 2)}`;
  }
}

/** A `datetime.time`. */
export class PyTime {
  constructor(fields) {
    const { hour = 0, minute = 0, second = 0, microsecond = 0, timezone, fold = 0 } = checkOptions("PyTime", fields, {
      ...TIME_FIELDS,
      fold: anything,
    });
    checkTime(hour, minute, second, microsecond);
    checkRange("fold", fold, 0, 1);
    Object.assign(this, { hour, minute, second, microsecond, timezone, fold });
  }

  toString() {
    return formatTime(this) + (this.timezone ?? "");
  }
}

/** A `datetime.datetime`. */
export class PyDateTime {
  constructor(fields) {
    const { year, month, day, hour = 0, minute = 0, second = 0, microsecond = 0, timezone } = checkOptions(
      "PyDateTime",
      fields,
      DATETIME_FIELDS,
    );
    checkDate(year, month, day);
    checkTime(hour, minute, second, microsecond);
    Object.assign(this, { year, month, day, hour, minute, second, microsecond, timezone });
  }

  /** The same instant, in UTC. */
  static fromDate(date) {
    if (Number.isNaN(date.getTime())) throw new RangeError("the date is not valid");
    return new PyDateTime({
      year: date.getUTCFullYear(),
      month: date.getUTCMonth() + 1,
      day: date.getUTCDate(),
      hour: date.getUTCHours(),
      minute: date.getUTCMinutes(),
      second: date.getUTCSeconds(),
      microsecond: date.getUTCMilliseconds() * 1000,
      timezone: new TimeZone(0),
    });
  }

  /** The same instant as a `Date`. Throws if that would lose information. */
  toDate() {
    if (this.timezone === undefined) {
      throw new RangeError("a datetime without a time zone is not an instant");
    }
    if (this.microsecond % 1000 !== 0) {
      throw new RangeError("a Date has milliseconds, and this datetime has microseconds");
    }
    const date = utc(this, this.hour, this.minute, this.second, this.microsecond / 1000);
    return new Date(date.getTime() - this.timezone.offsetSeconds * 1000);
  }

  toString() {
    const date = `${pad(this.year, 4)}-${pad(this.month, 2)}-${pad(this.day, 2)}`;
    return `${date}T${formatTime(this)}${this.timezone ?? ""}`;
  }
}

/** A `datetime.timedelta`, normalised as Python does. */
export class TimeDelta {
  constructor(fields) {
    const { days = 0, seconds = 0, microseconds = 0 } = checkOptions("TimeDelta", fields, DELTA_FIELDS);
    checkRange("days", days, -999999999, 999999999);
    checkRange("seconds", seconds, 0, 86399);
    checkRange("microseconds", microseconds, 0, 999999);
    Object.assign(this, { days, seconds, microseconds });
  }

  /** The length in milliseconds, with a fraction for microseconds. */
  toMilliseconds() {
    return (this.days * 86400 + this.seconds) * 1000 + this.microseconds / 1000;
  }
}

/** A built-in type, such as `int`. */
export class TypeObject {
  constructor(name) {
    this.name = name;
  }
}

/** A built-in function, such as `len`. */
export class BuiltinFunction {
  constructor(name) {
    this.name = name;
  }
}

/** A function of the host, called by its name. */
export class HostFunction {
  constructor(name, docstring) {
    this.name = name;
    this.docstring = docstring;
  }
}

/** A named tuple. */
export class NamedTuple {
  constructor(typeName, fields) {
    this.typeName = typeName;
    this.fields = new Map(fields instanceof Map || Array.isArray(fields) ? fields : Object.entries(fields));
  }

  get(name) {
    return this.fields.get(name);
  }
}

/** A class that the script or the host defined. */
export class PyClass {
  constructor(name, options) {
    const {
      id = randomId(),
      hostDefined = true,
      dataclass = false,
      attributes,
      methods,
    } = checkOptions("PyClass", options, CLASS_OPTIONS);
    this.name = name;
    this.id = id;
    this.hostDefined = hostDefined;
    this.dataclass = dataclass;
    this.attributes = toMap(attributes);
    this.methods = toMap(methods);
  }
}

/** An instance of a class. */
export class Instance {
  constructor(pythonClass, attributes, options) {
    const { id = randomId() } = checkOptions("Instance", options, OBJECT_OPTIONS);
    this.class = pythonClass;
    this.id = id;
    this.attributes = toMap(attributes);
  }
}

/** A module of the host. */
export class Module {
  constructor(name, attributes, options) {
    const { id = randomId() } = checkOptions("Module", options, OBJECT_OPTIONS);
    this.name = name;
    this.id = id;
    this.attributes = toMap(attributes);
  }
}

/** An open file. */
export class File {
  constructor(path, mode, position) {
    this.path = path;
    this.mode = mode;
    this.position = position;
  }
}

/** The `repr()` of a value of any other kind. From Python only. */
export class Representation {
  constructor(text) {
    this.text = text;
  }

  toString() {
    return this.text;
  }
}

/** A reference back to an enclosing container. From Python only. */
export class Cycle extends Representation {}

function toMap(entries) {
  if (entries === undefined) return new Map();
  return entries instanceof Map ? entries : new Map(Object.entries(entries));
}

function randomId() {
  return globalThis.crypto.randomUUID();
}

function checkRange(name, value, least, most) {
  if (!Number.isInteger(value) || value < least || value > most) {
    throw new RangeError(`${name} must be an integer from ${least} to ${most}, not ${value}`);
  }
}

function checkDate(year, month, day) {
  checkRange("year", year, 1, 9999);
  checkRange("month", month, 1, 12);
  const isLeap = (year % 4 === 0 && year % 100 !== 0) || year % 400 === 0;
  const days = month === 2 ? (isLeap ? 29 : 28) : [4, 6, 9, 11].includes(month) ? 30 : 31;
  checkRange("day", day, 1, days);
}

function checkTime(hour, minute, second, microsecond) {
  checkRange("hour", hour, 0, 23);
  checkRange("minute", minute, 0, 59);
  checkRange("second", second, 0, 59);
  checkRange("microsecond", microsecond, 0, 999999);
}

function utc({ year, month, day }, hour, minute, second, millisecond) {
  // `Date.UTC` treats years below 100 as those of the 20th century.
  const date = new Date(0);
  date.setUTCFullYear(year, month - 1, day);
  date.setUTCHours(hour, minute, second, millisecond);
  return date;
}

function formatTime({ hour, minute, second, microsecond }) {
  const time = `${pad(hour, 2)}:${pad(minute, 2)}:${pad(second, 2)}`;
  return microsecond === 0 ? time : `${time}.${pad(microsecond, 6)}`;
}

function pad(number, width) {
  return String(number).padStart(width, "0");
}

// `os-call` on an object with a method for each operation that is served.

import { encodeValue, toWitDate, toWitTimezone } from "./encode.js";
import { toTimezone } from "./decode.js";
import { OsError, toException } from "./errors.js";
import { CapError } from "./graph.js";
import { Module, PyDate, PyDateTime } from "./values.js";

const string = expect("a string", (value) => typeof value === "string");
const boolean = expect("a boolean", (value) => typeof value === "boolean");
const bytes = expect("a Uint8Array", (value) => value instanceof Uint8Array);
const nothing = () => undefined;

/** What each operation answers, from JavaScript to WIT. */
const RESULTS = {
  exists: boolean,
  isFile: boolean,
  isDir: boolean,
  isSymlink: boolean,
  stat: expect("an object with a size", (value) => typeof value?.size === "number", toWitStat),
  readText: string,
  readBytes: bytes,
  writeText: nothing,
  writeBytes: nothing,
  appendText: nothing,
  appendBytes: nothing,
  open: nothing,
  iterdir: expect("an array of strings", (value) => isArrayOf(value, "string")),
  scan: expect("an array of entries", (value) => isArrayOf(value, "object"), (entries) => entries.map(toWitEntry)),
  mkdir: nothing,
  unlink: nothing,
  rmdir: nothing,
  rename: nothing,
  resolve: string,
  absolute: string,
  getenv: expect("a string or undefined", (value) => value === undefined || typeof value === "string"),
  environ: expect("an object", (value) => typeof value === "object" && value !== null, Object.entries),
  dateToday: expect("a PyDate", (value) => value instanceof PyDate, toWitDate),
  datetimeNow: expect("a PyDateTime", (value) => value instanceof PyDateTime, toWitDatetime),
  time: expect("a number", (value) => typeof value === "number"),
  sleep: nothing,
  urandom: bytes,
  importModule: expect("a Module", (value) => value instanceof Module),
};

/** What some operations take, from WIT to JavaScript. */
const ARGUMENTS = {
  datetimeNow: (timezone) => [toTimezone(timezone)],
  urandom: (size) => [Number(size)],
};

export const OPERATIONS = Object.keys(RESULTS);

/** Serves an operation, or throws what the component takes for its error. */
export function serve(operation, os, given, { objects, caps }) {
  const method = os?.[operation];
  if (typeof method !== "function") throw failed({ tag: "unhandled" });
  let result;
  try {
    result = method.apply(os, ARGUMENTS[operation]?.(...given) ?? given);
    if (typeof result?.then === "function") return result;
    result = RESULTS[operation](result, operation);
    return operation === "importModule" ? encodeValue(result, { objects, caps }) : result;
  } catch (error) {
    // A module that is too large is no error of the script's.
    if (error instanceof CapError) throw error;
    throw failed(toErrorCode(error));
  }
}

/** An error whose payload becomes the error of the WIT function. */
export function failed(payload) {
  return Object.assign(new Error(payload.tag), { payload });
}

function toErrorCode(error) {
  if (!(error instanceof OsError)) return { tag: "raised", val: toException(error) };
  return error.code === "other" ? { tag: "other", val: error.message.toWellFormed() } : { tag: error.code };
}

function expect(wanted, isWanted, convert = (value) => value) {
  return (value, operation) => {
    if (!isWanted(value)) throw new TypeError(`os.${operation}() must return ${wanted}`);
    return convert(value);
  };
}

function isArrayOf(value, type) {
  return Array.isArray(value) && value.every((item) => typeof item === type && item !== null);
}

function toWitStat({
  fileType = "regular",
  permissions = 0o644,
  size,
  modifiedSeconds = 0,
  accessedSeconds = modifiedSeconds,
  changedSeconds = modifiedSeconds,
  fileId = 0,
  deviceId = 0,
  linkCount = 1,
}) {
  return {
    fileType,
    permissions,
    size: BigInt(size),
    modifiedSeconds,
    accessedSeconds,
    changedSeconds,
    fileId: BigInt(fileId),
    deviceId: BigInt(deviceId),
    linkCount: BigInt(linkCount),
  };
}

function toWitEntry({ path, isDirectory = false, isFile = false, isSymbolicLink = false }) {
  return { path, isDirectory, isFile, isSymbolicLink };
}

function toWitDatetime(value) {
  const { hour, minute, second, microsecond, timezone } = value;
  return {
    date: toWitDate(value),
    hour,
    minute,
    second,
    microsecond,
    timezone: timezone && toWitTimezone(timezone),
  };
}

// `os-call`, served by an object with a method for each operation it supports.

import { array, boolean, bytes, checkArgument, checkFields, entries, integer, string, toEntries } from "./check.js";
import { encodeValue } from "./encode.js";
import { OsError, toException } from "./errors.js";
import { CapError, tooLarge } from "./graph.js";
import { duration, moment, toInstant, toNanoseconds } from "./moments.js";
import { Module } from "./values.js";

const FILE_TYPES = ["regular", "directory", "symbolic-link", "other"];

const fileType = {
  wants: '"regular", "directory", "symbolic-link" or "other"',
  accepts: (value) => FILE_TYPES.includes(value),
};

const number64 = {
  wants: "an integer from 0 to 2^64 - 1",
  accepts: (value) => (typeof value === "bigint" ? BigInt.asUintN(64, value) === value : Number.isSafeInteger(value) && value >= 0),
};

const STAT = {
  fileType,
  permissions: integer(0, 0o7777),
  size: number64,
  modified: moment,
  accessed: moment,
  changed: moment,
  fileId: number64,
  deviceId: number64,
  linkCount: number64,
};

const SCAN_ENTRY = { path: string, isDirectory: boolean, isFile: boolean, isSymbolicLink: boolean };

const texts = { wants: "an array of strings", accepts: (value) => Array.isArray(value) && value.every(string.accepts) };
const textOrNothing = { wants: "a string or undefined", accepts: (value) => value === undefined || string.accepts(value) };
const moduleObject = { wants: "a Module", accepts: (value) => value instanceof Module };
const variables = {
  wants: "a plain object or a Map of strings",
  accepts: (value) => entries(string).accepts(value) && [...toEntries(value)].every(([, text]) => string.accepts(text)),
};

/** Converts what each operation returns to WIT. */
const RESULTS = {
  stat: toWitStat,
  readLink: checked(string),
  read: checked(bytes),
  write: nothing,
  open: nothing,
  listDirectory: checked(texts),
  scan: (result, where) => checkResult(where, result, array).map((entry) => toWitEntry(entry, where)),
  createDirectory: nothing,
  removeFile: nothing,
  removeDirectory: nothing,
  rename: nothing,
  getenv: checked(textOrNothing),
  environ: (result, where) => [...toEntries(checkResult(where, result, variables))],
  now: (result, where) => toInstant(checkResult(where, result, moment)),
  monotonicNow: (result, where) => toNanoseconds(checkResult(where, result, duration)),
  randomBytes: (result, where, [size]) => {
    const { length } = checkResult(where, result, bytes);
    if (length !== size) throw new TypeError(`${where} must return ${size} bytes, not ${length}`);
    return result;
  },
  importModule: checked(moduleObject),
};

/** The operations that an `os` may have a method for. Sleeping is a separate option. */
export const OPERATIONS = Object.keys(RESULTS);

/** Serves an operation, or throws the error of the WIT function. */
export function serve(operation, os, given, { objects, caps }) {
  const method = os?.[operation];
  if (typeof method !== "function") throw failed({ tag: "unhandled" });
  const where = `os.${operation}()`;
  // The only 64-bit numbers among the arguments are sizes.
  const taken = given.map((argument) => (typeof argument === "bigint" ? Number(argument) : argument));
  if (operation === "randomBytes" && taken[0] > caps.expandedBytes) throw tooLarge(`the result of ${where} takes`, caps);
  try {
    const result = method.apply(os, taken);
    if (typeof result?.then === "function") return result;
    const converted = RESULTS[operation](result, where, taken);
    return operation === "importModule" ? encodeValue(converted, { objects, caps }) : converted;
  } catch (error) {
    // A module that is too large ends the run.
    if (error instanceof CapError) throw error;
    throw failed(toErrorCode(error), error);
  }
}

/** An error whose payload becomes the error of the WIT function. */
export function failed(payload, cause) {
  return Object.assign(new Error(payload.tag, { cause }), { payload });
}

function toErrorCode(error) {
  if (!(error instanceof OsError)) return { tag: "raised", val: toException(error) };
  return error.code === "other" ? { tag: "other", val: error.message.toWellFormed() } : { tag: error.code };
}

function nothing() {
  return undefined;
}

function checked(check) {
  return (result, where) => checkResult(where, result, check);
}

function checkResult(where, result, check) {
  return checkArgument(where, "the result", result, check);
}

function toWitStat(result, where) {
  const {
    fileType = "regular",
    permissions = 0o644,
    size,
    modified = 0,
    accessed = modified,
    changed = modified,
    fileId = 0,
    deviceId = 0,
    linkCount = 1,
  } = checkFields(where, "the result", result, STAT);
  checkArgument(where, "the field `size`", size, number64);
  return {
    fileType,
    permissions,
    size: BigInt(size),
    modified: toInstant(modified),
    accessed: toInstant(accessed),
    changed: toInstant(changed),
    fileId: BigInt(fileId),
    deviceId: BigInt(deviceId),
    linkCount: BigInt(linkCount),
  };
}

function toWitEntry(entry, where) {
  // There may be very many, so the slow check with the message comes second.
  if (!isScanEntry(entry)) {
    checkFields(where, "an entry", entry, SCAN_ENTRY);
    checkArgument(where, "the path of an entry", entry.path, string);
  }
  const { path, isDirectory = false, isFile = false, isSymbolicLink = false } = entry;
  return { path, isDirectory, isFile, isSymbolicLink };
}

function isScanEntry(entry) {
  if (typeof entry?.path !== "string") return false;
  for (const name in entry) {
    if (name !== "path" && (!Object.hasOwn(SCAN_ENTRY, name) || typeof entry[name] !== "boolean")) return false;
  }
  return true;
}

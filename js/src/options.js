// The options of the package and their checks.

import { anything, boolean, callback, entries, integer, isObject, record, string } from "./check.js";
import { moment } from "./moments.js";
import { OPERATIONS } from "./os.js";
import { toolEntries } from "./tools.js";
import { TimeZone } from "./values.js";

const seed = {
  wants: '"system", "host" or a seed: an integer from 0 to 2^64 - 1',
  accepts: (value) => value === "system" || value === "host" || isSeed(value),
};

/** Whether a value of `randomness` is a seed. */
export function isSeed(value) {
  return Number.isSafeInteger(value) ? value >= 0 : typeof value === "bigint" && value >= 0n && value < 2n ** 64n;
}

const count = {
  wants: "an integer not below 0, or Infinity",
  accepts: (value) => value === Number.POSITIVE_INFINITY || (Number.isSafeInteger(value) && value >= 0),
};

const milliseconds = {
  wants: "a number of milliseconds not below 0, or Infinity",
  // More nanoseconds do not fit in 64 bits.
  accepts: (value) =>
    value === Number.POSITIVE_INFINITY ||
    (typeof value === "number" && value >= 0 && value <= Number.MAX_SAFE_INTEGER / 1000),
};

/** The limits outside the interpreter. */
const countedLimits = {
  hostDurationMs: milliseconds,
  waitDurationMs: milliseconds,
  calls: count,
  outputBytes: count,
  messageBytes: integer(0),
  concurrentCalls: count,
  hostMemoryBytes: count,
};

const limits = {
  durationMs: milliseconds,
  memoryBytes: integer(0, 2 ** 31),
  recursionDepth: integer(1, 1000),
  gcInterval: integer(1, 2 ** 32 - 1),
  ...countedLimits,
};

const common = {
  tools: toolEntries,
  os: { wants: "an object with a method for each operation", accepts: isObject, methods: OPERATIONS },
  print: callback,
  sleep: boolean,
  values: { wants: '"natural" or "exact"', accepts: (value) => value === "natural" || value === "exact" },
  signal: {
    wants: "an AbortSignal",
    accepts: (value) => typeof value?.aborted === "boolean" && typeof value.addEventListener === "function",
  },
};

const configuration = {
  scriptName: string,
  workingDirectory: string,
  clock: {
    wants: `"system", "host", ${moment.wants}`,
    accepts: (value) => value === "system" || value === "host" || moment.accepts(value),
  },
  localTimezone: {
    wants: "the name of a zone or a TimeZone",
    accepts: (value) => typeof value === "string" || value instanceof TimeZone,
  },
  randomness: seed,
  lineBuffered: boolean,
  explainAssertions: boolean,
};

export const montyOptions = { jspi: boolean, idleInstances: integer(0) };
export const workerOptions = { ...montyOptions, worker: { ...callback, wants: "a function that returns a Worker" } };
export const serveOptions = { os: common.os, tools: common.tools };
export const slimOptions = { ...montyOptions, module: anything };
export const sessionOptions = { ...common, limits: record(limits), ...configuration };
export const runOptions = { inputs: entries(anything), ...sessionOptions };
/** For resuming from a snapshot, which holds the limits of the interpreter. */
export const resumeOptions = { ...common, limits: record(countedLimits) };
export const feedOptions = { inputs: entries(anything), limits: record(limits), lineBuffered: boolean };
export const callOptions = { ...feedOptions, awaits: boolean };

import { nearest } from "./check.js";
import { formatTraceback } from "./traceback.js";

/** The codes of `OsError`: those of `os-call` except `raised`. */
const CODES = [
  "not-found",
  "permission-denied",
  "not-permitted",
  "read-only",
  "already-exists",
  "is-a-directory",
  "not-a-directory",
  "directory-not-empty",
  "busy",
  "name-too-long",
  "too-many-links",
  "cross-device",
  "file-too-large",
  "no-space",
  "quota-exceeded",
  "invalid-argument",
  "unhandled",
  "other",
];

/** The reason a script has no result. */
export class MontyError extends Error {
  constructor(kind, message, fields = {}) {
    super(message, fields.cause === undefined ? undefined : { cause: fields.cause });
    this.name = "MontyError";
    this.kind = kind;
    this.limit = fields.limit;
    this.type = fields.type;
    this.pythonMessage = fields.pythonMessage;
    this.traceback = fields.traceback ?? message;
    this.frames = fields.frames ?? [];
    this.hint = fields.hint;
    this.detail = fields.detail;
    this.printed = fields.printed ?? "";
  }
}

/** A Python exception: thrown by a tool, or as a value. */
export class PythonError extends Error {
  constructor(type, message) {
    super(message ?? "");
    this.name = "PythonError";
    this.type = type;
    // `ValueError()` differs from `ValueError('')`.
    this.pythonMessage = message === undefined ? undefined : String(message);
  }
}

/** A failed operation of the operating system. */
export class OsError extends Error {
  constructor(code, message) {
    if (!CODES.includes(code)) {
      const near = nearest(String(code), CODES);
      const advice = near === undefined ? "." : `; did you mean "${near}"?`;
      throw new TypeError(`OsError: unknown code "${code}"${advice} The codes are ${CODES.join(", ")}`);
    }
    super(message ?? code);
    this.name = "OsError";
    this.code = code;
  }
}

/** An error as data for another thread, without its cause. */
export function toErrorData(error) {
  if (!(error instanceof MontyError)) {
    return { kind: "sandbox", message: `the interpreter failed: ${error?.message ?? error}`, fields: {} };
  }
  const { kind, message, limit, type, pythonMessage, traceback, frames, hint, detail, printed } = error;
  return { kind, message, fields: { limit, type, pythonMessage, traceback, frames, hint, detail, printed } };
}

/** The error for such data. */
export function fromErrorData({ kind, message, fields }, cause) {
  return new MontyError(kind, message, cause === undefined ? fields : { ...fields, cause });
}

/** The error for a limit that this package counts. */
export function limitError(limit, message, fields) {
  return new MontyError("limit", message, { ...fields, limit });
}

/** The error for a `failure` of the interpreter. `causeOf` finds the host's error behind an exception. */
export function fromFailure(failure, causeOf) {
  const { tag, val } = failure;
  switch (tag) {
    case "raised":
      return fromReport("script", val, { cause: causeOf(val.exception) });
    case "invalid-source":
      return fromReport("source", val);
    case "limit-exceeded": {
      // To the interpreter each snippet is a feed, to a reader it is time.
      const exception = { ...val.report.exception };
      exception.message = exception.message?.replace(/^feed /, "");
      return fromReport("limit", { ...val.report, exception }, { limit: val.limit });
    }
    case "invalid-request":
    case "invalid-snapshot":
      return new MontyError("request", val);
    default:
      return new MontyError("sandbox", String(val));
  }
}

/** The error for an exception that ended a script. A hint is the last line of its message. */
export function fromReport(kind, report, fields = {}) {
  const { exception, traceback, hint, detail } = report;
  const message = fields.message ?? lastLine(exception);
  return new MontyError(kind, hint === undefined ? message : `${message}\nhint: ${hint.advice}`, {
    ...fields,
    type: exception.typeName,
    pythonMessage: exception.message,
    traceback: formatTraceback(traceback, lastLine(exception)),
    frames: traceback,
    hint,
    detail: detail && { tag: detail.tag, val: withNumbers(detail.val) },
  });
}

/** The last line of an exception's traceback. */
function lastLine({ typeName, message }) {
  return message === undefined ? typeName : `${typeName}: ${message}`;
}

/** A record with its bigints as numbers. */
function withNumbers(record) {
  const toNumber = ([name, value]) => [name, typeof value === "bigint" ? Number(value) : value];
  return Object.fromEntries(Object.entries(record).map(toNumber));
}

/** The Python exception for what a function of the host threw. */
export function toException(error) {
  const isPython = error instanceof PythonError;
  return {
    typeName: isPython ? String(error.type).toWellFormed() : "RuntimeError",
    message: wellFormed(isPython ? error.pythonMessage : error instanceof Error ? error.message : String(error)),
  };
}

/** Whether an exception is the one that `toException()` made. Python replaces an unknown type by `RuntimeError`. */
export function isSame({ typeName, message }, given) {
  if (typeName === given.typeName) return message === given.message;
  return typeName === "RuntimeError" && message === lastLine(given);
}

function wellFormed(text) {
  return text?.toWellFormed();
}

import { formatTraceback } from "./traceback.js";

/** Why a script has no result. */
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

/** A Python exception: what a tool throws, or an exception as a value. */
export class PythonError extends Error {
  constructor(type, message) {
    super(message ?? "");
    this.name = "PythonError";
    this.type = type;
    // `str()` of an exception without an argument is empty, but it is not
    // the same exception as one with an empty argument.
    this.pythonMessage = message === undefined ? undefined : String(message);
  }
}

/** An operation of the operating system that failed. */
export class OsError extends Error {
  constructor(code, message) {
    super(message ?? code);
    this.name = "OsError";
    this.code = code;
  }
}

/** The error for a limit that this package counts. */
export function limitError(limit, message, fields) {
  return new MontyError("limit", message, { ...fields, limit });
}

/** The error for a `failure` of the interpreter. */
export function fromFailure(failure) {
  const { tag, val } = failure;
  switch (tag) {
    case "raised":
      return fromException("script", val);
    case "invalid-source":
      return fromException("source", val);
    case "limit-exceeded":
      return fromException("limit", val.exception, { limit: val.limit });
    case "invalid-request":
    case "invalid-snapshot":
      return new MontyError("request", val);
    default:
      return new MontyError("sandbox", String(val));
  }
}

function fromException(kind, exception, fields = {}) {
  const message =
    exception.message === undefined ? exception.typeName : `${exception.typeName}: ${exception.message}`;
  return new MontyError(kind, message, {
    ...fields,
    type: exception.typeName,
    pythonMessage: exception.message,
    traceback: formatTraceback(exception),
    frames: exception.traceback,
    hint: exception.hint,
    detail: exception.detail,
  });
}

/** What a host's function threw, as an exception for Python. */
export function toException(error) {
  const isPython = error instanceof PythonError;
  return {
    typeName: isPython ? error.type : "RuntimeError",
    message: wellFormed(isPython ? error.pythonMessage : error instanceof Error ? error.message : String(error)),
    traceback: [],
    detail: undefined,
    hint: undefined,
  };
}

function wellFormed(text) {
  return text?.toWellFormed();
}

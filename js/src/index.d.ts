/** A value on its way to Python. */
export type PythonInput = unknown;

// An option or an argument that is misspelt, or of another type, is a `TypeError`
// that names it. Nothing has run then.

export interface MontyOptions {
  /** Whether to suspend the WebAssembly stack where the engine can (JSPI). Defaults to true. */
  jspi?: boolean;
  /** The number of used instances kept for later runs. Defaults to 0: each run has a fresh instance. */
  idleInstances?: number;
}

/** Creates a `Monty`. Once per program, page or worker. */
export function createMonty(options?: MontyOptions): Promise<Monty>;

/** Limits outside the interpreter. */
export interface HostLimits {
  /** Milliseconds this package works for the run: messages, files, prints, the result. Defaults to 5000. */
  hostDurationMs?: number;
  /** Milliseconds the script waits for tools or sleeps. Defaults to 600000. */
  waitDurationMs?: number;
  /** Calls of tools and of the operating system. Defaults to 10000; `Infinity` for no limit. */
  calls?: number;
  /** Text printed, in bytes of UTF-8. Defaults to 10 MiB; `Infinity` for no limit. */
  outputBytes?: number;
  /**
   * One message: the arguments of a call, its answer, the inputs, the result. Defaults
   * to 64 MiB. An object counts 64 bytes plus its text or bytes, and 32 more for each
   * place in a container; an object held twice counts twice.
   */
  messageBytes?: number;
  /** Calls in progress, or answered but not yet awaited. Defaults to 100; `Infinity` for no limit. */
  concurrentCalls?: number;
  /**
   * What those hold, counted like a message, with prints that wait and the classes,
   * instances and modules that the script received. Defaults to 256 MiB; `Infinity` for no
   * limit.
   */
  hostMemoryBytes?: number;
}

/** The limits of a run. */
export interface Limits extends HostLimits {
  /** Milliseconds in Python. Defaults to 5000; `Infinity` for no limit. */
  durationMs?: number;
  /** Memory of the script's objects in bytes, at most 2 GiB. Defaults to 128 MiB. */
  memoryBytes?: number;
  /** Depth of calls, from 1 to 1000. Defaults to 1000. */
  recursionDepth?: number;
  /** Allocations between two collections of cycles. Defaults to 100000. */
  gcInterval?: number;
}

export type Handler = (this: any, ...args: any[]) => unknown;
/**
 * A parameter of a tool: a name, or `[name, default]`. After `"*"` they are
 * keyword-only; `"*args"` collects further positional arguments in an array, and
 * `"**kwargs"`, the last, further keyword arguments in an object without a prototype.
 */
export type Parameter = string | [name: string, defaultValue: unknown];

/** A tool with more than a function; made by `tool()` and `asyncTool()`. */
export interface Tool {
  readonly handler: Handler;
  readonly docstring?: string;
}

export interface ToolOptions {
  /** Its `__doc__`. */
  docstring?: string;
  /** Whether the handler gets a `CallContext` after its parameters. Defaults to false. */
  signal?: boolean;
}

/** The context of a tool's call. */
export interface CallContext {
  /**
   * Aborts when the script no longer waits for the answer: it has ended, or was
   * stopped.
   */
  readonly signal: AbortSignal;
}

/** A tool with named parameters, bound as Python binds them. */
export function tool(handler: Handler, parameters?: Parameter[], options?: ToolOptions): Tool;

/** A tool that the script awaits, as if it were an `async def`. */
export function asyncTool(handler: Handler, parameters?: Parameter[], options?: ToolOptions): Tool;

/** Returned by a tool whose answer comes after the run. */
export const suspend: unique symbol;

export type Tools = Record<string, Handler | Tool> | Map<string, Handler | Tool>;
export type Entries = Record<string, PythonInput> | Map<string, PythonInput>;

/** The options for resuming from a snapshot, which holds the rest. */
export interface ResumeOptions {
  /** The functions that the script can call. Defaults to none. */
  tools?: Tools;
  /** Files, environment and clocks. Without it, everything is denied. */
  os?: Os;
  /**
   * Where prints go, as they happen. Without it they are in `printed`. What it throws,
   * or rejects with, ends the script; a run is over when its promises are.
   */
  print?: (text: string, stream: "stdout" | "stderr") => void | PromiseLike<void>;
  limits?: HostLimits;
  /** Whether the script may sleep. Defaults to false. Without JSPI a sleep blocks the thread. */
  sleep?: boolean;
  /** How values arrive in JavaScript. `"natural"`. */
  values?: "natural" | "exact";
  /** Interrupts a run at its next call of the host, or while it waits. */
  signal?: AbortSignal;
}

export interface SessionOptions extends ResumeOptions {
  limits?: Limits;
  /** The name in tracebacks. `script.py`. */
  scriptName?: string;
  /** The base of relative paths. `/`. */
  workingDirectory?: string;
  /** The source of the time of day: `"system"`, `"host"` (the `os`), or one moment. */
  clock?: "system" | "host" | Moment;
  /** The local time zone: a name such as `Europe/London`, or an offset. UTC. */
  localTimezone?: string | TimeZone;
  /** The seed of `random` when the script does not set one: `"system"`, `"host"` (the `os`), or a seed. */
  randomness?: "system" | "host" | number | bigint;
  /** Flush prints at each newline. */
  lineBuffered?: boolean;
  /** Show the values that a failed `assert` compared. Defaults to true. */
  explainAssertions?: boolean;
}

export interface RunOptions extends SessionOptions {
  /** The global variables that the script starts with. */
  inputs?: Entries;
}

/** A point in time: a `Date`, milliseconds since 1970, or a bigint of nanoseconds since 1970. */
export type Moment = Date | number | bigint;

/** How a run ended. */
export interface Report<T = any> {
  /** The value of the last line; `undefined` if the script is suspended. */
  value: T;
  /** The prints, if there is no `print`. */
  printed: string;
  /** Calls of tools and of the operating system. */
  calls: number;
  /** Present if the script waits for calls that a tool answered with `suspend`. */
  suspension?: Suspension;
}

export interface Suspension {
  calls: CallRequest[];
  /** The suspended script. It holds code: protect it from tampering. */
  snapshot: Uint8Array;
}

export interface CallRequest {
  id: number;
  name: string;
  /** The object whose method is called. */
  receiver?: string;
  positional: any[];
  keyword: Map<string, any>;
}

/** Answers by call: values, or a list with values and errors. */
export type Answers =
  | Record<number, PythonInput>
  | Map<number, PythonInput>
  | Array<{ id: number; value?: PythonInput; error?: Error }>;

export interface Monty {
  /** Runs a script. */
  run<T = any>(source: string, options?: RunOptions): Promise<Report<T>>;
  /**
   * Runs a script whose tools return their results, not promises. Needs `prepare()`
   * first, on a page's own thread before each call.
   */
  runSync<T = any>(source: string, options?: RunOptions): Report<T>;
  /** Loads the interpreter, and creates an instance ahead of the next run. */
  prepare(): Promise<void>;
  /** Resumes a suspended script. */
  resume<T = any>(suspended: Suspension | Uint8Array, answers: Answers, options?: ResumeOptions): Promise<Report<T>>;
  /** The calls that a snapshot waits for. */
  suspendedCalls(snapshot: Uint8Array): Promise<CallRequest[]>;
  /** Opens a session. */
  session(options?: SessionOptions): Promise<Session>;
  /** Opens a session from a snapshot. */
  restore(snapshot: Uint8Array, options?: ResumeOptions): Promise<Session>;
  /** The features of this build of the interpreter. */
  capabilities(): Promise<FeatureSet>;
  /** Whether a source typed line by line can run. */
  sourceCompleteness(source: string): Promise<"complete" | "incomplete" | "incomplete-block">;
  /** Releases the instances. */
  dispose(): void;
}

export interface FeedOptions {
  inputs?: Entries;
  /**
   * Replace the session's. A limit left out is the session's, or the default
   * in a session of `restore()` that gets a limit of the interpreter here.
   */
  limits?: Limits;
  lineBuffered?: boolean;
}

export interface CallOptions extends FeedOptions {
  /** Whether to await the return value, as for an `async def`. Defaults to false. */
  awaits?: boolean;
}

/** A Python session, which keeps its names from one snippet to the next. */
export interface Session {
  feed<T = any>(source: string, options?: FeedOptions): Promise<Report<T>>;
  /** Calls a function that the session defined. */
  call<T = any>(
    name: string,
    positional?: PythonInput[],
    keyword?: Entries,
    options?: CallOptions,
  ): Promise<Report<T>>;
  /** Resumes the suspended snippet. */
  resume<T = any>(answers: Answers): Promise<Report<T>>;
  /** Abandons the suspended snippet. */
  abandon(): void;
  functions(): string[];
  /** A snapshot of the session, idle or suspended. */
  dump(): Uint8Array;
  close(): void;
}

export interface FeatureSet {
  version: string;
  modules: Array<{ name: string; names: string[] }>;
  builtins: string[];
  unsupportedSyntax: string[];
}

export interface Location {
  line: number;
  column: number;
}

export interface Frame {
  filename: string;
  start: Location;
  end: Location;
  function?: string;
  sourceLine?: string;
  hideCaret: boolean;
  hideFunction: boolean;
  repeated: number;
}

/** Text that could not be encoded, or bytes that could not be decoded. */
export interface UnicodeDetail {
  /** The codec, such as `utf-8`. */
  encoding: string;
  /** The bytes that failed to decode, or the UTF-8 of the text that failed to encode. */
  object: Uint8Array;
  /** Start of the failing range: in bytes when decoding, in characters when encoding. */
  start: number;
  /** Its end, exclusive. */
  end: number;
  reason: string;
}

/** A document that could not be parsed, as JSON or TOML. */
export interface DocumentDetail {
  /** The message without the position. */
  message: string;
  /** The document. Absent if too large to send. */
  document?: string;
  /** The offset in characters. */
  position: number;
  line: number;
  column: number;
}

/** The reason a run has no result. */
export class MontyError extends Error {
  private constructor();
  /**
   * `script`: it raised; `source`: it is not Python, or not the part that Monty
   * has; `limit`: a limit stopped it; `request`: the program asked for something
   * that is not valid; `host`: the print callback failed; `interrupted`: the signal;
   * `sandbox`: the interpreter failed.
   */
  readonly kind: "script" | "source" | "limit" | "request" | "host" | "interrupted" | "sandbox";
  /** The limit of a `limit` error. */
  readonly limit?:
    | "duration"
    | "host-duration"
    | "wait-duration"
    | "memory"
    | "host-memory"
    | "recursion"
    | "calls"
    | "concurrent-calls"
    | "output"
    | "message";
  /** The error thrown by a tool or the print callback, if it ended the script. */
  readonly cause?: unknown;
  /** The exception's type in Python, such as `ValueError`. */
  readonly type?: string;
  /** The exception's message in Python. */
  readonly pythonMessage?: string;
  /** The traceback as Python prints it. */
  readonly traceback: string;
  readonly frames: Frame[];
  /** A supported alternative to a part of Python that Monty does not have. */
  readonly hint?: { code: string; advice: string };
  /** The fields that some exceptions have besides the message. */
  readonly detail?: { tag: "unicode"; val: UnicodeDetail } | { tag: "document"; val: DocumentDetail };
  /** The prints until then, if there is no `print`. */
  readonly printed: string;
}

/** A Python exception: thrown by a tool, or as a value. */
export class PythonError extends Error {
  constructor(type: string, message?: string);
  readonly type: string;
  readonly pythonMessage?: string;
}

export type OsErrorCode =
  | "not-found"
  | "permission-denied"
  | "not-permitted"
  | "read-only"
  | "already-exists"
  | "is-a-directory"
  | "not-a-directory"
  | "directory-not-empty"
  | "busy"
  | "name-too-long"
  | "too-many-links"
  | "cross-device"
  | "file-too-large"
  | "no-space"
  | "quota-exceeded"
  | "invalid-argument"
  | "unhandled"
  | "other";

/** A failed operation of the operating system: CPython's error for the code. */
export class OsError extends Error {
  /** For `"other"`, the script sees `message`. */
  constructor(code: OsErrorCode, message?: string);
  readonly code: OsErrorCode;
}

export interface FileStat {
  /** `"regular"`. */
  fileType?: "regular" | "directory" | "symbolic-link" | "other";
  /** Permission bits. Defaults to 0o644. */
  permissions?: number;
  /** In bytes. */
  size: number | bigint;
  /** Last change of the content. Defaults to 1970-01-01. */
  modified?: Moment;
  /** Last access. As `modified`. */
  accessed?: Moment;
  /** Last change of the metadata. As `modified`. */
  changed?: Moment;
  /** A number that is equal for two paths exactly when they lead to the same file. 0 if unknown. */
  fileId?: number | bigint;
  deviceId?: number | bigint;
  /** 1. */
  linkCount?: number | bigint;
}

export interface ScanEntry {
  /** Relative to the root of the scan; empty for the root itself. */
  path: string;
  /** Whether it is a directory, or a link to one. */
  isDirectory?: boolean;
  /** Whether it is a regular file, or a link to one. */
  isFile?: boolean;
  isSymbolicLink?: boolean;
}

/**
 * The system that a script sees: the functions of `monty:sandbox/os-call`, which say
 * what each does and which errors it gives. An operation that is absent is denied.
 *
 * Paths are absolute and normalised. Operations return their results, not promises,
 * and throw `OsError` or `PythonError`. Python's own rules are not theirs: a script's
 * `Path.exists()` is a `stat`, `mkdir(parents=True)` some `createDirectory`.
 */
export interface Os {
  stat?(path: string, followLinks: boolean): FileStat;
  /** The target of a symbolic link, as written. */
  readLink?(path: string): string;
  read?(path: string): Uint8Array;
  write?(path: string, data: Uint8Array, mode: "replace" | "append"): void;
  /** Applies the immediate effect of opening a file: it must exist, is truncated, or is created. */
  open?(path: string, mode: "read" | "write" | "append"): void;
  /** The names in a directory. */
  listDirectory?(path: string): string[];
  /** Lists a whole tree including its root, each directory before its contents. */
  scan?(path: string, options: { maxDepth?: number; followSymbolicLinks: boolean }): ScanEntry[];
  /** Creates one directory. Its parent must exist. */
  createDirectory?(path: string): void;
  removeFile?(path: string): void;
  /** Removes an empty directory. */
  removeDirectory?(path: string): void;
  rename?(source: string, destination: string): void;
  getenv?(name: string): string | undefined;
  environ?(): Record<string, string> | Map<string, string>;
  /** The time of day, for `clock: "host"`. */
  now?(): Moment;
  /** Milliseconds, or a bigint of nanoseconds, since a fixed start, for `clock: "host"`. */
  monotonicNow?(): number | bigint;
  /** Exactly this many bytes. */
  randomBytes?(size: number): Uint8Array;
  importModule?(name: string): Module;
}

export interface MemoryFilesOptions {
  /** The environment variables. Defaults to none. */
  environment?: Record<string, string> | Map<string, string>;
  /** Whether the files are read-only for the script. Defaults to false. */
  readOnly?: boolean;
  /** The limit on the files' size. Defaults to 64 MiB. An entry counts 512 bytes plus its name and content. */
  maxBytes?: number;
  /** Entries of one folder or one scan. Defaults to 100000; more are a `RuntimeError` in the script. */
  maxEntries?: number;
}

/**
 * Files in memory and an environment. Paths are absolute and normalised; they have
 * at most 4096 bytes and 128 names, of 255 bytes each. There are no links.
 */
export interface MemoryFiles extends Required<Omit<Os, "now" | "monotonicNow" | "randomBytes" | "importModule">> {}
export class MemoryFiles {
  constructor(
    /** By path: the content, or `null` for a folder. */
    files?: Record<string, string | Uint8Array | null> | Map<string, string | Uint8Array | null>,
    options?: MemoryFilesOptions,
  );
  /** The content of a file. */
  get(path: string): Uint8Array | undefined;
  /** The paths of all files. */
  paths(): string[];
}

export class PyFloat {
  constructor(value: number);
  readonly value: number;
}
export class Tuple<T = any> extends Array<T> {
  static of<T>(...values: T[]): Tuple<T>;
}
export class FrozenSet<T = any> extends Set<T> {}
export const Ellipsis: Readonly<object>;
export const NotImplemented: Readonly<object>;
export class Complex {
  constructor(real: number, imaginary: number);
  readonly real: number;
  readonly imaginary: number;
}
export class Decimal {
  /** As Python's `Decimal()` accepts it, without blanks or underscores. */
  constructor(text: string | number | bigint);
  readonly text: string;
}
export class Path {
  constructor(path: string);
  readonly path: string;
}
export class PyDate {
  constructor(year: number, month: number, day: number);
  readonly year: number;
  readonly month: number;
  readonly day: number;
  toDate(): Date;
}
export class TimeZone {
  constructor(offsetSeconds: number, name?: string);
  readonly offsetSeconds: number;
  readonly name?: string;
}
export interface TimeFields {
  hour?: number;
  minute?: number;
  second?: number;
  microsecond?: number;
  timezone?: TimeZone;
}
export class PyTime {
  constructor(fields: TimeFields & { fold?: 0 | 1 });
  readonly hour: number;
  readonly minute: number;
  readonly second: number;
  readonly microsecond: number;
  readonly timezone?: TimeZone;
  readonly fold: 0 | 1;
}
export class PyDateTime {
  constructor(fields: TimeFields & { year: number; month: number; day: number });
  static fromDate(date: Date): PyDateTime;
  readonly year: number;
  readonly month: number;
  readonly day: number;
  readonly hour: number;
  readonly minute: number;
  readonly second: number;
  readonly microsecond: number;
  readonly timezone?: TimeZone;
  /** The same instant. Throws if that would lose information. */
  toDate(): Date;
}
export class TimeDelta {
  constructor(fields: { days?: number; seconds?: number; microseconds?: number });
  readonly days: number;
  readonly seconds: number;
  readonly microseconds: number;
  toMilliseconds(): number;
}
export class TypeObject {
  constructor(name: string);
  readonly name: string;
}
export class BuiltinFunction {
  constructor(name: string);
  readonly name: string;
}
export class HostFunction {
  constructor(name: string, docstring?: string);
  readonly name: string;
  readonly docstring?: string;
}
export class NamedTuple {
  constructor(typeName: string, fields: Entries | Array<[string, unknown]>);
  readonly typeName: string;
  readonly fields: Map<string, any>;
  get(name: string): any;
}
export class PyClass {
  constructor(
    name: string,
    options?: {
      id?: string;
      hostDefined?: boolean;
      dataclass?: boolean;
      attributes?: Entries;
      /** Called with the instance as `this`. `__call__` makes an instance. */
      methods?: Tools;
    },
  );
  readonly name: string;
  readonly id: string;
  readonly hostDefined: boolean;
  readonly dataclass: boolean;
  readonly attributes: Map<any, any>;
  readonly methods: Map<string, Handler | Tool>;
}
export class Instance {
  constructor(pythonClass: PyClass, attributes?: Entries, options?: { id?: string });
  readonly class: PyClass;
  readonly id: string;
  readonly attributes: Map<any, any>;
}
export class Module {
  constructor(name: string, attributes?: Entries, options?: { id?: string });
  readonly name: string;
  readonly id: string;
  readonly attributes: Map<any, any>;
}
export class File {
  constructor(path: string, mode: string, position: number | bigint);
  readonly path: string;
  readonly mode: string;
  readonly position: number | bigint;
}
export class Representation {
  constructor(text: string);
  readonly text: string;
}
export class Cycle extends Representation {}

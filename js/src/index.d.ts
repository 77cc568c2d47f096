/** A value on its way to Python. */
export type PythonInput = unknown;

// An option or an argument that is misspelt, or of another type, is a `TypeError`
// that names it. Nothing has run then.

export interface MontyOptions {
  /** Whether to suspend the WebAssembly stack where the engine can (JSPI). Yes. */
  jspi?: boolean;
  /** How many idle instances are kept for the next runs. 4; with 0, each run has an instance of its own. */
  idleInstances?: number;
}

/** Loads the interpreter. Once for a program. */
export function createMonty(options?: MontyOptions): Promise<Monty>;

/** What may be used up outside of the interpreter. */
export interface HostLimits {
  /** Calls of tools and of the operating system. 10000; `Infinity` for no limit. */
  calls?: number;
  /** Text printed, in UTF-16 units. 10 MiB; `Infinity` for no limit. */
  printedLength?: number;
  /**
   * One message: the arguments of a call, its answer, the inputs, the result. 64
   * MiB. An object counts 64 bytes and its text or bytes, a child in a container
   * 32 more; an object that is held twice counts twice.
   */
  messageBytes?: number;
  /** Calls that are under way, or answered and not awaited yet, at a time. 100; `Infinity` for no limit. */
  concurrentCalls?: number;
  /** What those hold, counted like a message. 256 MiB; `Infinity` for no limit. */
  hostMemoryBytes?: number;
}

/** What may be used up. */
export interface Limits extends HostLimits {
  /** Milliseconds in Python. 5000; `Infinity` for no limit. */
  durationMs?: number;
  /** Memory of the script's objects. 128 MiB. */
  memoryBytes?: number;
  /** Depth of calls, from 1 to 1000. 1000. */
  recursionDepth?: number;
  /** Allocations between two collections of cycles. 100000. */
  gcInterval?: number;
}

export type Handler = (this: any, ...args: any[]) => unknown;
export type Parameter = string | [name: string, defaultValue: unknown];

/** A tool with more than a function; made by `tool()` and `asyncTool()`. */
export interface Tool {
  readonly handler: Handler;
  readonly docstring?: string;
}

export interface ToolOptions {
  /** Its `__doc__`. */
  docstring?: string;
}

/** A tool with named parameters, bound as Python binds them. */
export function tool(handler: Handler, parameters?: Parameter[], options?: ToolOptions): Tool;

/** A tool that the script awaits, as if it were an `async def`. */
export function asyncTool(handler: Handler, parameters?: Parameter[], options?: ToolOptions): Tool;

/** What a tool returns when its answer comes after the run. */
export const suspend: unique symbol;

export type Tools = Record<string, Handler | Tool> | Map<string, Handler | Tool>;
export type Entries = Record<string, PythonInput> | Map<string, PythonInput>;

/** What goes with a script that goes on from a snapshot, which holds the rest. */
export interface ResumeOptions {
  /** The functions that the script can call. None. */
  tools?: Tools;
  /** Files, environment and clocks. None: everything is denied. */
  os?: Os;
  /** Where prints go, as they happen. Without it they are in `printed`. */
  print?: (text: string, stream: "stdout" | "stderr") => void;
  limits?: HostLimits;
  /** Whether the script may sleep. No. Without JSPI a sleep blocks the thread. */
  sleep?: boolean;
  /** How values arrive in JavaScript. `"natural"`. */
  values?: "natural" | "exact";
  /** Stops a run at its next call of the host. */
  signal?: AbortSignal;
}

export interface SessionOptions extends ResumeOptions {
  limits?: Limits;
  /** The name in tracebacks. `script.py`. */
  scriptName?: string;
  /** Where relative paths start. `/`. */
  workingDirectory?: string;
  /** Where the time of day comes from: `"system"`, `"host"` (the `os`), or one instant. */
  clock?: "system" | "host" | Date | number;
  /** The local time zone: a name such as `Europe/London`, or an offset. UTC. */
  timezone?: string | TimeZone;
  /** Where an unseeded `random` starts: `"system"`, `"host"` (the `os`), or a seed. */
  random?: "system" | "host" | number | bigint;
  /** Write prints out at each newline. */
  lineBuffered?: boolean;
  /** Let a failed `assert` tell the values it compared. Yes. */
  explainAssertions?: boolean;
}

export interface RunOptions extends SessionOptions {
  /** The global variables that the script starts with. */
  inputs?: Entries;
}

/** How a run ended. */
export interface Report<T = any> {
  /** The value of the last line; `undefined` if the script is suspended. */
  value: T;
  /** What was printed, if there is no `print`. */
  printed: string;
  /** Calls of tools and of the operating system. */
  calls: number;
  /** Present if the script waits for calls that a tool answered with `suspend`. */
  suspension?: Suspension;
}

export interface Suspension {
  calls: CallRequest[];
  /** The script in the middle of its calls. It holds code: nobody else may be able to change it. */
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

export class Monty {
  private constructor();
  /** Runs a script. */
  run<T = any>(source: string, options?: RunOptions): Promise<Report<T>>;
  /** Runs a script whose tools return their results, not promises. Needs `prepare()`. */
  runSync<T = any>(source: string, options?: RunOptions): Report<T>;
  /** Makes an instance ahead of the first run. */
  prepare(): Promise<void>;
  /** Goes on with a script that is suspended. */
  resume<T = any>(suspended: Suspension | Uint8Array, answers: Answers, options?: ResumeOptions): Promise<Report<T>>;
  /** The calls that a snapshot waits for. */
  suspendedCalls(snapshot: Uint8Array): Promise<CallRequest[]>;
  /** Opens a session. */
  session(options?: SessionOptions): Promise<Session>;
  /** Opens a session from a snapshot. */
  restore(snapshot: Uint8Array, options?: ResumeOptions): Promise<Session>;
  /** What this build of the interpreter has. */
  capabilities(): Promise<FeatureSet>;
  /** Whether a source that is typed line by line can be run. */
  completeness(source: string): Promise<"complete" | "incomplete" | "incomplete-block">;
  /** Lets go of the instances. */
  dispose(): void;
}

export interface FeedOptions {
  inputs?: Entries;
  /**
   * In place of the session's. What is left out is the session's, or the default
   * in a session of `restore()` that gets a limit of the interpreter here.
   */
  limits?: Limits;
  lineBuffered?: boolean;
}

export interface CallOptions extends FeedOptions {
  /** Whether to await what the function returns, as for an `async def`. No. */
  awaits?: boolean;
}

/** Python that keeps its names between one piece of code and the next. */
export class Session {
  private constructor();
  feed<T = any>(source: string, options?: FeedOptions): Promise<Report<T>>;
  /** Calls a function that the session defined. */
  call<T = any>(
    name: string,
    positional?: PythonInput[],
    keyword?: Entries,
    options?: CallOptions,
  ): Promise<Report<T>>;
  /** Goes on with the piece of code that is suspended. */
  resume<T = any>(answers: Answers): Promise<Report<T>>;
  /** Gives up the piece of code that is suspended. */
  abandon(): void;
  functions(): string[];
  /** The session in bytes, idle or suspended. */
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

/** Why a script has no result. */
export class MontyError extends Error {
  private constructor();
  /**
   * `script`: it raised; `source`: it is not Python, or not the part that Monty
   * has; `limit`: a limit stopped it; `request`: the program asked for something
   * that is not valid; `aborted`: the signal; `sandbox`: the interpreter failed.
   */
  readonly kind: "script" | "source" | "limit" | "request" | "aborted" | "sandbox";
  /** The limit of a `limit` error. */
  readonly limit?:
    | "duration"
    | "memory"
    | "recursion"
    | "calls"
    | "printed"
    | "message"
    | "concurrent-calls"
    | "host-memory";
  /** The exception's type in Python, such as `ValueError`. */
  readonly type?: string;
  /** The exception's message in Python. */
  readonly pythonMessage?: string;
  /** The traceback as Python prints it. */
  readonly traceback: string;
  readonly frames: Frame[];
  /** What to write instead of what Monty does not have. */
  readonly hint?: { code: string; advice: string };
  /** Structured fields of some exceptions. */
  readonly detail?: { tag: "unicode" | "document"; val: Record<string, unknown> };
  /** What was printed until then, if there is no `print`. */
  readonly printed: string;
}

/** A Python exception: what a tool throws, or an exception as a value. */
export class PythonError extends Error {
  constructor(type: string, message?: string);
  readonly type: string;
  readonly pythonMessage?: string;
}

export type OsErrorCode =
  | "not-found"
  | "permission-denied"
  | "read-only"
  | "already-exists"
  | "is-a-directory"
  | "not-a-directory"
  | "directory-not-empty"
  | "name-too-long"
  | "too-many-links"
  | "cross-device"
  | "file-too-large"
  | "no-space"
  | "invalid-argument"
  | "not-utf8"
  | "unhandled"
  | "other";

/** An operation of the operating system that failed. */
export class OsError extends Error {
  constructor(code: OsErrorCode, message?: string);
  readonly code: OsErrorCode;
}

export interface FileStat {
  fileType?: "regular" | "directory" | "symbolic-link" | "other";
  permissions?: number;
  size: number;
  modifiedSeconds?: number;
  accessedSeconds?: number;
  changedSeconds?: number;
  fileId?: number;
  deviceId?: number;
  linkCount?: number;
}

export interface ScanEntry {
  path: string;
  isDirectory?: boolean;
  isFile?: boolean;
  isSymbolicLink?: boolean;
}

/** The operating system of a script. An operation that is absent is denied. Errors: `OsError`. */
export interface Os {
  exists?(path: string): boolean;
  isFile?(path: string): boolean;
  isDir?(path: string): boolean;
  isSymlink?(path: string): boolean;
  stat?(path: string): FileStat;
  readText?(path: string): string;
  readBytes?(path: string): Uint8Array;
  writeText?(path: string, data: string): void;
  writeBytes?(path: string, data: Uint8Array): void;
  appendText?(path: string, data: string): void;
  appendBytes?(path: string, data: Uint8Array): void;
  open?(path: string, mode: "read" | "write" | "append"): void;
  iterdir?(path: string): string[];
  scan?(path: string, options: { maxDepth?: number; followSymbolicLinks: boolean }): ScanEntry[];
  mkdir?(path: string, options: { parents: boolean; existOk: boolean }): void;
  unlink?(path: string): void;
  rmdir?(path: string): void;
  rename?(source: string, destination: string): void;
  resolve?(path: string): string;
  absolute?(path: string): string;
  getenv?(name: string): string | undefined;
  environ?(): Record<string, string>;
  dateToday?(): PyDate;
  datetimeNow?(timezone?: TimeZone): PyDateTime;
  /** Seconds since the Unix epoch. */
  time?(caller: string): number;
  urandom?(size: number): Uint8Array;
  importModule?(name: string): Module;
}

export interface MemoryFilesOptions {
  /** The environment variables. None. */
  environment?: Record<string, string> | Map<string, string>;
  /** Whether the script may change nothing. No. */
  readOnly?: boolean;
  /** What the files may take. 64 MiB. An entry counts 512 bytes, its name and its content. */
  maxBytes?: number;
  /** Entries of one folder or one scan. 100000; more are a `RuntimeError` in the script. */
  maxEntries?: number;
}

/**
 * Files in memory and an environment. Paths are absolute and normalised; they have
 * at most 4096 bytes and 128 names, of 255 bytes each.
 */
export interface MemoryFiles extends Os {}
export class MemoryFiles {
  constructor(
    files?: Record<string, string | Uint8Array> | Map<string, string | Uint8Array>,
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
  /** The same instant. Throws if that would lose something. */
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

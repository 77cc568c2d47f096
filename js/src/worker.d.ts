// Scripts in a worker, so that they do not block the program's thread. Tools, prints
// and values stay in that thread, and the API is the same.

import type {
  Answers,
  CallOptions,
  CallRequest,
  Entries,
  FeatureSet,
  FeedOptions,
  MemoryFiles,
  MontyOptions,
  PythonInput,
  Report,
  ResumeOptions,
  RunOptions,
  SessionOptions,
  Suspension,
} from "./index.js";

export * from "./index.js";

/** A `Worker` of the web, or of `node:worker_threads`. */
export interface WorkerLike {
  postMessage(message: any): void;
  terminate(): unknown;
}

export interface WorkerMontyOptions extends MontyOptions {
  /**
   * Starts a worker whose file calls `serve()` of `monty-host/worker/serve`. Left out,
   * the package starts its own, from a `blob:` URL or in Node from its text.
   */
  worker?: () => WorkerLike;
}

/**
 * Files for a script in a worker: copied to it when a run or a feed begins, and back
 * when it ends. Give runs that overlap a `MemoryFiles` each.
 */
export interface WorkerOs {
  os?: MemoryFiles;
}

export type WorkerResumeOptions = Omit<ResumeOptions, "os"> & WorkerOs;
export type WorkerSessionOptions = Omit<SessionOptions, "os"> & WorkerOs;
export type WorkerRunOptions = Omit<RunOptions, "os"> & WorkerOs;

/** Creates a `WorkerMonty`. The worker is started, and the interpreter loaded, with the first run or `prepare()`. */
export function createMonty(options?: WorkerMontyOptions): Promise<WorkerMonty>;

/**
 * Runs scripts in one worker, one at a time; while one waits for a tool, another runs.
 *
 * A run whose `signal` aborts is interrupted, and its worker terminated if that does
 * not end it within 250 ms. So is a worker that does not respond for longer than its
 * runs may take: `durationMs` holds whatever a script does.
 */
export interface WorkerMonty {
  /** Runs a script. */
  run<T = any>(source: string, options?: WorkerRunOptions): Promise<Report<T>>;
  /** Starts the worker, and creates an instance ahead of the next run. */
  prepare(): Promise<void>;
  /** Resumes a suspended script. */
  resume<T = any>(suspended: Suspension | Uint8Array, answers: Answers, options?: WorkerResumeOptions): Promise<Report<T>>;
  /** The calls that a snapshot waits for. */
  suspendedCalls(snapshot: Uint8Array): Promise<CallRequest[]>;
  /** Opens a session. */
  session(options?: WorkerSessionOptions): Promise<WorkerSession>;
  /** Opens a session from a snapshot. */
  restore(snapshot: Uint8Array, options?: WorkerResumeOptions): Promise<WorkerSession>;
  /** The features of this build of the interpreter. */
  capabilities(): Promise<FeatureSet>;
  /** Whether a source typed line by line can run. */
  sourceCompleteness(source: string): Promise<"complete" | "incomplete" | "incomplete-block">;
  /**
   * Terminates the worker at once: its runs end as `interrupted`, its sessions are
   * gone. The next run starts another worker.
   */
  terminate(): void;
  /** Terminates the worker for good. */
  dispose(): void;
}

/** A Python session in a worker, which keeps its names from one snippet to the next. */
export interface WorkerSession {
  feed<T = any>(source: string, options?: FeedOptions): Promise<Report<T>>;
  /** Calls a function that the session defined. */
  call<T = any>(name: string, positional?: PythonInput[], keyword?: Entries, options?: CallOptions): Promise<Report<T>>;
  /** Resumes the suspended snippet. */
  resume<T = any>(answers: Answers): Promise<Report<T>>;
  /** Abandons the suspended snippet. */
  abandon(): Promise<void>;
  functions(): Promise<string[]>;
  /** A snapshot of the session, idle or suspended. */
  dump(): Promise<Uint8Array>;
  close(): Promise<void>;
}

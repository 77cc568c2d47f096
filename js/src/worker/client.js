// This thread's side of a worker: `Monty` and `Session` with the same methods, whose
// scripts run in the worker. Tools, prints and values stay here.

import { CallContext, GIVE_UP } from "../calls.js";
import { array, bytes, checkArgument, checkOptions, entries, anything, string } from "../check.js";
import { MontyError, fromErrorData, isSame, limitError, toErrorData, toException } from "../errors.js";
import { CHANGES, LOAD, MemoryFiles, SAVE } from "../files.js";
import { answerForwarded } from "../imports.js";
import { callOptions, feedOptions, resumeOptions, runOptions, sessionOptions } from "../options.js";
import { Run, checkAnswers, toWitCall, toWitFeedOptions, toWitOptions } from "../run.js";
import { asTool } from "../tools.js";

/** How long a run may take to end after its signal, before its worker is terminated. */
const INTERRUPT_MS = 250;

/** How long a worker may be silent beyond the time its runs may take, and how often it is pinged. */
const SILENCE_MS = 2000;
const PING_MS = 250;

const MAX_TIMER_MS = 2 ** 31 - 1;
const KEYWORD = entries(anything);

/** Runs scripts in a worker. */
export class WorkerMonty {
  #connect;
  #options;
  #connection;
  #isDisposed = false;

  /** `connect` starts a worker that serves: a promise of a `Port`. `options` are those of its engine. */
  constructor(connect, options) {
    this.#connect = connect;
    this.#options = options;
  }

  /** Runs a script. */
  async run(source, options) {
    checkArgument("run()", "the source", source, string);
    const checked = checkOptions("run()", options, runOptions);
    checkOs("run()", checked);
    const run = new ClientRun(checked);
    return this.#request(run, { method: "run", given: { source, options: toWitOptions(checked, run) } });
  }

  /** Starts the worker and creates an instance ahead of the next run. */
  async prepare() {
    await this.#request(new ClientRun(), { method: "prepare" });
  }

  /** Resumes a suspended script. */
  async resume(suspended, answers, options) {
    const snapshot = suspended?.snapshot ?? suspended;
    checkArgument("resume()", "the first argument", snapshot, { ...bytes, wants: "a suspension or its snapshot" });
    checkAnswers("resume()", answers);
    const checked = checkOptions("resume()", options, resumeOptions);
    checkOs("resume()", checked);
    const run = new ClientRun(checked);
    return this.#request(run, { method: "resume", given: { snapshot, answers: run.encodeForWorker(answers) } });
  }

  /** The calls that a snapshot waits for. */
  async suspendedCalls(snapshot) {
    checkArgument("suspendedCalls()", "the snapshot", snapshot, bytes);
    const run = new ClientRun();
    const { value } = await this.#ask(run, "suspendedCalls", snapshot);
    return value.map((request) => run.decodeRequest(request));
  }

  /** Opens a session. */
  async session(options) {
    const checked = checkOptions("session()", options, sessionOptions);
    checkOs("session()", checked);
    const run = new ClientRun(checked);
    return this.#open(run, { method: "session", given: { options: toWitOptions(checked, run) } });
  }

  /** Opens a session from a snapshot. */
  async restore(snapshot, options) {
    checkArgument("restore()", "the snapshot", snapshot, bytes);
    const checked = checkOptions("restore()", options, resumeOptions);
    checkOs("restore()", checked);
    return this.#open(new ClientRun(checked), { method: "restore", given: { snapshot } });
  }

  /** The features of this build of the interpreter. */
  async capabilities() {
    return (await this.#ask(new ClientRun(), "capabilities")).value;
  }

  /** Whether a source typed line by line can run. */
  async sourceCompleteness(source) {
    checkArgument("sourceCompleteness()", "the source", source, string);
    return (await this.#ask(new ClientRun(), "sourceCompleteness", source)).value;
  }

  /** Terminates the worker at once, with its runs and sessions. The next run starts another. */
  terminate() {
    this.#stop(new MontyError("interrupted", "the worker was terminated"));
  }

  /** Terminates the worker for good. */
  dispose() {
    this.#isDisposed = true;
    this.#stop(new MontyError("request", "this Monty was disposed: create another with createMonty()"));
  }

  [Symbol.dispose ?? Symbol.for("Symbol.dispose")]() {
    this.dispose();
  }

  #ask(run, name, ...given) {
    return this.#request(run, { method: "ask", given: { name, arguments: given } });
  }

  async #request(run, message) {
    const connection = await this.#connected();
    return connection.request(run, message);
  }

  async #open(run, message) {
    const connection = await this.#connected();
    const id = connection.newId();
    await connection.request(run, { ...message, session: id });
    return new WorkerSession(connection, run, id);
  }

  #connected() {
    if (this.#isDisposed) throw new MontyError("request", "this Monty was disposed: create another with createMonty()");
    if (this.#connection?.isOpen !== true) this.#connection = new Connection(this.#connect, this.#options);
    return this.#connection;
  }

  #stop(error) {
    this.#connection?.close(error);
    this.#connection = undefined;
  }
}

/** A Python session in a worker. */
export class WorkerSession {
  #connection;
  #run;
  #id;
  #isBusy = false;
  #isClosed = false;

  constructor(connection, run, id) {
    this.#connection = connection;
    this.#run = run;
    this.#id = id;
  }

  /** Runs a snippet. */
  async feed(source, options) {
    checkArgument("feed()", "the source", source, string);
    const checked = checkOptions("feed()", options, feedOptions);
    return this.#drive("feed", checked.limits, () => ({ source, options: toWitFeedOptions(checked, this.#run) }));
  }

  /** Calls a function that the session defined. */
  async call(name, positional = [], keyword = {}, options = undefined) {
    checkArgument("call()", "the name", name, string);
    checkArgument("call()", "the positional arguments", positional, array);
    checkArgument("call()", "the keyword arguments", keyword, KEYWORD);
    const { awaits = false, ...checked } = checkOptions("call()", options, callOptions);
    return this.#drive("call", checked.limits, () => ({
      call: toWitCall({ name, positional, keyword, awaits }, this.#run),
      options: toWitFeedOptions(checked, this.#run),
    }));
  }

  /** Resumes the suspended snippet. */
  async resume(answers) {
    checkAnswers("resume()", answers);
    this.#checkReady();
    const { limits } = this.#run;
    return this.#drive("resume", limits, () => ({ answers: this.#run.encodeForWorker(answers) }));
  }

  /** Abandons the suspended snippet. */
  async abandon() {
    await this.#ask("abandon");
  }

  /** The names of the functions that the session defined. */
  async functions() {
    return (await this.#ask("functions")).value;
  }

  /** A snapshot of the session, idle or suspended. */
  async dump() {
    return (await this.#ask("dump")).value;
  }

  /** Closes the session and releases its instance. */
  async close() {
    if (this.#isClosed) return;
    this.#checkIdle();
    this.#isClosed = true;
    if (this.#connection.isOpen) await this.#send("close");
  }

  [Symbol.asyncDispose ?? Symbol.for("Symbol.asyncDispose")]() {
    return this.close();
  }

  async #drive(method, limits, toGiven) {
    this.#checkReady();
    this.#run.begin(limits);
    const given = toGiven();
    this.#isBusy = true;
    try {
      return await this.#send(method, { ...given, limits });
    } finally {
      this.#isBusy = false;
    }
  }

  async #ask(method) {
    this.#checkReady();
    return this.#send(method);
  }

  #send(method, given = {}) {
    return this.#connection.request(this.#run, { method, given, session: this.#id });
  }

  #checkIdle() {
    if (this.#isBusy) throw new MontyError("request", "the session is busy: it runs one snippet at a time");
  }

  #checkReady() {
    this.#checkIdle();
    if (this.#isClosed) throw new MontyError("request", "the session is closed");
    if (!this.#connection.isOpen) throw new MontyError("sandbox", "the session is gone: its worker was terminated");
  }
}

/** This thread's side of a run in a worker. */
class ClientRun extends Run {
  // Answers that raised, latest last, to find the cause of an error.
  #raised = [];
  /** What the print callback threw, or rejected with. */
  printError;

  /** Encodes answers from outside for the worker. */
  encodeForWorker(answers) {
    return this.encodeAnswers(answers).map(({ id, answer }) => ({ id, answer: this.keepCause(answer) }));
  }

  /** An answer as the worker gets it: without the cause, which is kept. */
  keepCause({ tag, val, cause }) {
    if (tag === "raised") this.#raised = [...this.#raised.slice(-99), { val, cause }];
    return { tag, val };
  }

  /** The error of a failed request. */
  toClientError(data) {
    return fromErrorData(data, this.#causeOf(data));
  }

  #causeOf({ kind, fields: { type, pythonMessage } }) {
    if (kind === "interrupted") return this.signal?.reason;
    if (kind === "host") return this.printError;
    if (kind !== "script") return undefined;
    return this.#raised.findLast(({ val }) => isSame({ typeName: type, message: pythonMessage }, val))?.cause;
  }

  /** The report of a done request. */
  toClientReport({ outcome, printed, calls }) {
    this.printed = printed;
    this.callCount = calls;
    try {
      return this.toReport(outcome);
    } catch (error) {
      throw this.ended(error);
    }
  }
}

/** A worker, its runs and its sessions. */
class Connection {
  #port;
  #starting;
  #requests = new Map();
  #nextId = 0;
  #watch;
  #error;

  constructor(connect, options) {
    this.#watch = new Watch(
      () => this.#port?.post({ type: "ping" }),
      (milliseconds) => this.close(silence(milliseconds)),
    );
    this.#starting = this.#start(connect, options);
    this.#starting.catch(() => {});
  }

  get isOpen() {
    return this.#error === undefined;
  }

  newId() {
    return this.#nextId++;
  }

  /** Sends a request: a promise of its reply, or of its report if it runs something. */
  async request(run, message) {
    await this.#starting;
    this.#checkOpen();
    run.checkGoing();
    const id = this.newId();
    const { os } = run;
    const files = os === undefined ? undefined : MemoryFiles[SAVE](os);
    const request = { run, calls: new Map(), changes: os && MemoryFiles[CHANGES](os) };
    const reply = new Promise((resolve, reject) => Object.assign(request, { resolve, reject }));
    let stopListening;
    try {
      this.#requests.set(id, request);
      this.#port.hold(true);
      this.#watch.add(id, allowance(run));
      this.#post({ type: "request", id, files, run: toWorkerOptions(run), ...message });
      stopListening = this.#listen(run.signal, id);
      return await reply;
    } finally {
      stopListening?.();
      this.#requests.delete(id);
      this.#watch.remove(id);
      for (const context of request.calls.values()) context[GIVE_UP]();
      if (this.#requests.size === 0) this.#port.hold(false);
    }
  }

  /** Terminates the worker: its requests end with the error. */
  close(error) {
    if (!this.isOpen) return;
    this.#error = error;
    this.#watch.stop();
    this.#port?.terminate();
    for (const { reject, run } of this.#requests.values()) reject(run.ended(copyOf(error)));
  }

  async #start(connect, options) {
    let port;
    try {
      port = await connect(options);
    } catch (error) {
      this.#error = new MontyError("sandbox", `the worker cannot start: ${error?.message ?? error}`, { cause: error });
      throw this.#error;
    }
    this.#port = port;
    // It may have been closed meanwhile.
    if (!this.isOpen) port.terminate();
    port.listen(
      (message) => this.#receive(message),
      (reason) => this.close(new MontyError("sandbox", `the worker failed: ${reason}`)),
    );
  }

  #checkOpen() {
    if (!this.isOpen) throw copyOf(this.#error);
  }

  #post(message) {
    if (this.isOpen) this.#port.post(message);
  }

  #receive(message) {
    if (message.type === "pong") return this.#watch.heard();
    const id = message.request ?? message.id;
    const request = this.#requests.get(id);
    if (request === undefined || !this.isOpen) return undefined;
    switch (message.type) {
      case "call":
        return this.#answer(id, request, message);
      case "give-up":
        return request.calls.get(message.call)?.[GIVE_UP]();
      case "print":
        return this.#print(id, request, message);
      case "done":
      case "failed":
        return this.#end(request, message);
    }
  }

  async #answer(id, { run, calls }, { call, content }) {
    const context = new CallContext(content.name);
    calls.set(call, context);
    let reply;
    try {
      reply = { answer: run.keepCause(await answerForwarded(run, content, context)) };
    } catch (error) {
      reply = { fault: toErrorData(error) };
    }
    calls.delete(call);
    this.#post({ type: "answer", request: id, call, ...reply });
  }

  async #print(id, { run }, { print, text, stream }) {
    let exception;
    try {
      await run.print(text, stream);
    } catch (error) {
      run.printError ??= error;
      exception = toException(error);
    }
    this.#post({ type: "printed", request: id, print, exception });
  }

  #end({ run, changes, resolve, reject }, { type, files, error, ...reply }) {
    if (files !== undefined && MemoryFiles[CHANGES](run.os) !== changes) {
      const message = "the files were changed while a script in a worker worked on its copy of them: give each run its own MemoryFiles";
      return reject(run.ended(new MontyError("request", message)));
    }
    if (files !== undefined) MemoryFiles[LOAD](run.os, files);
    try {
      if (type === "failed") throw run.toClientError(error);
      resolve(reply.outcome === undefined ? reply : run.toClientReport(reply));
    } catch (thrown) {
      reject(thrown);
    }
  }

  /** Interrupts a request when the signal aborts, and terminates the worker if that does not end it. */
  #listen(signal, id) {
    let timer;
    const interrupt = () => {
      this.#post({ type: "interrupt", request: id });
      timer = setTimeout(() => {
        this.close(new MontyError("interrupted", "the run was interrupted", { cause: signal.reason }));
      }, INTERRUPT_MS);
    };
    signal?.addEventListener("abort", interrupt, { once: true });
    return () => {
      clearTimeout(timer);
      signal?.removeEventListener("abort", interrupt);
    };
  }
}

/**
 * Checks that a worker responds within the time its runs may take. Nothing else stops
 * WebAssembly from outside in JavaScript than the end of its thread.
 */
class Watch {
  #ping;
  #silent;
  // Milliseconds that each run may take, by its request.
  #allowances = new Map();
  #deadline;
  #timer;

  constructor(ping, silent) {
    this.#ping = ping;
    this.#silent = silent;
  }

  /** Adds a run that may take that many milliseconds. */
  add(id, milliseconds) {
    this.#allowances.set(id, milliseconds);
    if (this.#deadline === undefined) this.#ask();
    else this.#deadline += milliseconds;
  }

  remove(id) {
    this.#allowances.delete(id);
    if (this.#allowances.size === 0) this.stop();
  }

  heard() {
    clearTimeout(this.#timer);
    this.#deadline = undefined;
    if (this.#allowances.size > 0) this.#timer = setTimeout(() => this.#ask(), PING_MS);
  }

  stop() {
    clearTimeout(this.#timer);
    this.#deadline = undefined;
  }

  /** Milliseconds for which the worker may be silent. */
  get #allowed() {
    return [...this.#allowances.values()].reduce((sum, milliseconds) => sum + milliseconds, SILENCE_MS);
  }

  #ask() {
    clearTimeout(this.#timer);
    this.#deadline = undefined;
    if (!Number.isFinite(this.#allowed)) return;
    this.#deadline = performance.now() + this.#allowed;
    this.#ping();
    this.#wait();
  }

  #wait() {
    const now = performance.now();
    const left = this.#deadline - now;
    if (left <= 0) return this.#silent(Math.round(this.#allowed));
    const delay = Math.min(left, MAX_TIMER_MS);
    this.#timer = setTimeout(() => {
      // If this thread was blocked, the answer may have arrived and not been read.
      const late = performance.now() - now - delay;
      if (late > PING_MS) this.#deadline += late + SILENCE_MS;
      this.#wait();
    }, delay);
  }
}

/** Milliseconds for which a run may keep its thread busy without a pause. */
function allowance({ limits: { durationMs, hostDurationMs, waitDurationMs }, maySleep }) {
  return durationMs + hostDurationMs + (maySleep ? waitDurationMs : 0);
}

function silence(milliseconds) {
  const message = `the worker did not respond for ${milliseconds} ms, longer than its runs may take, and was terminated`;
  return limitError("duration", message);
}

/** The error for one of several runs that end at once. */
function copyOf({ kind, message, limit, cause }) {
  return new MontyError(kind, message, { limit, cause });
}

/** The options of a run that the worker needs. */
function toWorkerOptions({ limits, tools, print, style, maySleep, seed }) {
  return {
    limits,
    hasPrint: print !== undefined,
    values: style,
    sleep: maySleep,
    randomness: seed,
    tools: Array.from(tools, ([name, given]) => {
      const { isAsync, docstring } = asTool(given);
      return { name, isForwarded: true, isAsync, docstring };
    }),
  };
}

/** An `os` is called in the middle of a script, so it has to be in the script's thread. */
function checkOs(where, { os }) {
  if (os === undefined || Object.getPrototypeOf(os) === MemoryFiles.prototype) return;
  throw new TypeError(
    `${where}: the option \`os\` must be a MemoryFiles for a worker; pass any other to serve() in a worker file of your own`,
  );
}

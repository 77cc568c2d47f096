import { bytes, checkArgument, checkOptions, string } from "./check.js";
import { MontyError } from "./errors.js";
import { Pool } from "./instance.js";
import { GLUE, coreModules } from "./modules.js";
import { resumeOptions, runOptions, sessionOptions } from "./options.js";
import { Run, checkAnswers, toWitOptions } from "./run.js";
import { Session } from "./session.js";

/** Scripts, on instances of one component. */
export class Monty {
  #pools;
  #disposed = false;

  constructor(pools) {
    this.#pools = pools;
  }

  /** Runs a script. */
  async run(source, options) {
    const { run, witOptions } = prepareRun("run()", source, options);
    return this.#drive(run, (interpreter) => interpreter.run(source, witOptions));
  }

  /** Runs a script whose tools return their results, not promises. */
  runSync(source, options) {
    const { run, witOptions } = prepareRun("runSync()", source, options);
    run.isSync = true;
    const instance = this.#pool("sync").takeNow();
    if (instance === undefined) {
      throw new MontyError("request", "runSync() needs an instance: await monty.prepare() before");
    }
    try {
      const outcome = instance.enter(run, (interpreter) => interpreter.run(source, witOptions));
      return run.toReport(outcome);
    } finally {
      run.calls.close();
      this.#pool("sync").give(instance);
    }
  }

  /** Makes an instance ahead of the first run, or of `runSync()`. */
  async prepare() {
    for (const pool of Object.values(this.#pools)) pool.give(await pool.take());
  }

  /** Goes on with a script that is suspended. */
  async resume(suspended, answers, options) {
    const snapshot = suspended?.snapshot ?? suspended;
    checkArgument("resume()", "what is suspended", snapshot, { ...bytes, wants: "a suspension or its snapshot" });
    checkAnswers("resume()", answers);
    const run = new Run(checkOptions("resume()", options, resumeOptions));
    const settled = run.encodeAnswers(answers);
    return this.#drive(run, (interpreter) => interpreter.resume(snapshot, settled));
  }

  /** The calls that a snapshot waits for. */
  async suspendedCalls(snapshot) {
    checkArgument("suspendedCalls()", "the snapshot", snapshot, bytes);
    const run = new Run();
    const requests = await this.#with(run, (interpreter) => interpreter.suspendedCalls(snapshot));
    return requests.map((request) => run.decodeRequest(request));
  }

  /** Opens a session. */
  async session(options) {
    const checked = checkOptions("session()", options, sessionOptions);
    const run = new Run(checked);
    const witOptions = toWitOptions(checked, run);
    return this.#open(run, (interpreter) => interpreter.Session.create(witOptions));
  }

  /** Opens a session from a snapshot. */
  async restore(snapshot, options) {
    checkArgument("restore()", "the snapshot", snapshot, bytes);
    const run = new Run(checkOptions("restore()", options, resumeOptions));
    return this.#open(run, (interpreter) => interpreter.Session.restore(snapshot));
  }

  /** What this build of the interpreter has. */
  async capabilities() {
    return this.#with(new Run(), (interpreter) => interpreter.capabilities());
  }

  /** Whether a source that is typed line by line can be run. */
  async sourceCompleteness(source) {
    checkArgument("sourceCompleteness()", "the source", source, string);
    return this.#with(new Run(), (interpreter) => interpreter.sourceCompleteness(source));
  }

  /** Lets go of the instances. Sessions that are open stay. */
  dispose() {
    this.#disposed = true;
    for (const pool of Object.values(this.#pools)) pool.clear();
  }

  [Symbol.dispose ?? Symbol.for("Symbol.dispose")]() {
    this.dispose();
  }

  #pool(kind) {
    if (this.#disposed) throw new MontyError("request", "this Monty was disposed");
    return this.#pools[kind];
  }

  get #kind() {
    return this.#pools.jspi === undefined ? "sync" : "jspi";
  }

  async #drive(run, start) {
    run.canBlock = this.#kind === "jspi";
    return run.drive(
      start,
      // The instance is free while the tools are at work.
      (step) => this.#with(run, step),
      (answers, { snapshot }) => (interpreter) => interpreter.resume(snapshot, answers),
    );
  }

  async #with(run, work) {
    const pool = this.#pool(this.#kind);
    const instance = await pool.take();
    try {
      return await instance.enterAsync(run, work);
    } finally {
      pool.give(instance);
    }
  }

  async #open(run, make) {
    const kind = this.#kind;
    run.canBlock = kind === "jspi";
    const pool = this.#pool(kind);
    const instance = await pool.take();
    try {
      const resource = instance.enter(run, make);
      return new Session(run, instance, resource, () => pool.give(instance));
    } catch (error) {
      pool.give(instance);
      throw error;
    }
  }
}

function prepareRun(where, source, options) {
  checkArgument(where, "the source", source, string);
  const checked = checkOptions(where, options, runOptions);
  const run = new Run(checked);
  return { run, witOptions: toWitOptions(checked, run) };
}

/** A `Monty` on an interpreter that is compiled when it is first needed. */
export function createMontyFrom(compileInterpreter, { jspi = true, idleInstances = 4 }) {
  const getModule = coreModules(compileInterpreter);
  const pools = { sync: new Pool(GLUE.sync, getModule, idleInstances) };
  if (jspi && typeof WebAssembly.Suspending === "function") pools.jspi = new Pool(GLUE.jspi, getModule, idleInstances);
  return new Monty(pools);
}

import { bytes, checkArgument, checkOptions, string } from "./check.js";
import { MontyError } from "./errors.js";
import { Pool } from "./instance.js";
import { resumeOptions, runOptions, sessionOptions } from "./options.js";
import { Run, checkAnswers, toWitOptions } from "./run.js";
import { Session } from "./session.js";

/** Runs scripts in instances of one component. */
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
    const pool = this.#pool("sync");
    const instance = pool.takeNow();
    if (instance === undefined) {
      throw new MontyError("request", "runSync() needs an instance: await monty.prepare() first, on a page before each runSync()");
    }
    try {
      const outcome = instance.enter(run, (interpreter) => interpreter.run(source, witOptions));
      return run.toReport(outcome);
    } finally {
      run.calls.close();
      pool.give(instance);
    }
  }

  /** Creates an instance ahead of the next run, or of `runSync()`. */
  async prepare() {
    for (const kind of Object.keys(this.#pools)) await this.#pool(kind).prepare();
  }

  /** Resumes a suspended script. */
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
    const requests = await this.#ask(run, (interpreter) => interpreter.suspendedCalls(snapshot));
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

  /** The features of this build of the interpreter. */
  async capabilities() {
    return this.#ask(new Run(), (interpreter) => interpreter.capabilities());
  }

  /** Whether a source typed line by line can run. */
  async sourceCompleteness(source) {
    checkArgument("sourceCompleteness()", "the source", source, string);
    return this.#ask(new Run(), (interpreter) => interpreter.sourceCompleteness(source));
  }

  /** Releases the instances. Open sessions stay open. */
  dispose() {
    this.#disposed = true;
    for (const pool of Object.values(this.#pools)) pool.clear();
  }

  [Symbol.dispose ?? Symbol.for("Symbol.dispose")]() {
    this.dispose();
  }

  #pool(kind) {
    if (this.#disposed) throw new MontyError("request", "this Monty was disposed: create another with createMonty()");
    return this.#pools[kind];
  }

  get #kind() {
    return this.#pools.jspi === undefined ? "sync" : "jspi";
  }

  async #drive(run, start) {
    run.canBlock = this.#kind === "jspi";
    // The run has its instance to itself until it ends, also while tools work.
    return this.#with((instance) =>
      run.drive(
        start,
        (step) => instance.enterAsync(run, step),
        (answers, { snapshot }) => (interpreter) => interpreter.resume(snapshot, answers),
      ),
    );
  }

  #ask(run, work) {
    return this.#with((instance) => instance.enterAsync(run, work));
  }

  async #with(work) {
    const pool = this.#pool(this.#kind);
    const instance = await pool.take();
    try {
      return await work(instance);
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

/**
 * A `Monty` whose code is loaded when it is first needed. `load` returns a promise of
 * `{ modules, interpreter }`: the module `modules.js`, and the compiled interpreter.
 */
export function createMontyFrom(load, { jspi = true, idleInstances = 0 }) {
  let loading;
  const loadOnce = () => {
    loading ??= load().catch((error) => {
      // The next run tries again, after a failed request for instance.
      loading = undefined;
      throw error;
    });
    return loading;
  };
  const poolOf = (kind) =>
    new Pool(async () => {
      const { modules, interpreter } = await loadOnce();
      return { glue: modules.GLUE[kind], getModule: modules.coreModules(interpreter) };
    }, idleInstances);
  const pools = { sync: poolOf("sync") };
  if (jspi && typeof WebAssembly.Suspending === "function") pools.jspi = poolOf("jspi");
  return new Monty(pools);
}

// The instances of runs and sessions.

import { MontyError } from "./errors.js";
import { Pool } from "./instance.js";
import { Session } from "./session.js";

export class Engine {
  #pools;
  #isDisposed = false;

  constructor(pools) {
    this.#pools = pools;
  }

  /** Drives a run until it ends or waits for answers from outside. */
  async drive(run, start) {
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

  /** Runs without waiting for anything. */
  runNow(run, start) {
    run.isSync = true;
    const pool = this.#pool("sync");
    const instance = pool.takeNow();
    if (instance === undefined) {
      throw new MontyError("request", "runSync() needs an instance: await monty.prepare() first, on a page before each runSync()");
    }
    try {
      return run.toReport(instance.enter(run, start));
    } finally {
      run.calls.close();
      pool.give(instance);
    }
  }

  /** Calls an export that does not call the host. */
  ask(run, work) {
    return this.#with((instance) => instance.enterAsync(run, work));
  }

  /** Opens a session on the resource that `make` returns. */
  async open(run, make) {
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

  async prepare() {
    for (const kind of Object.keys(this.#pools)) await this.#pool(kind).prepare();
  }

  dispose() {
    this.#isDisposed = true;
    for (const pool of Object.values(this.#pools)) pool.clear();
  }

  #pool(kind) {
    if (this.#isDisposed) throw new MontyError("request", "this Monty was disposed: create another with createMonty()");
    return this.#pools[kind];
  }

  get #kind() {
    return this.#pools.jspi === undefined ? "sync" : "jspi";
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
}

/**
 * An engine whose code is loaded when it is first needed. `load` returns a promise of
 * `{ modules, interpreter }`: the module `modules.js`, and the compiled interpreter.
 */
export function createEngine(load, { jspi = true, idleInstances = 0 }) {
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
  return new Engine(pools);
}

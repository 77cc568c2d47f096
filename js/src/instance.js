// Instances of the component, and the ones that are ready for the next run.

import { MontyError } from "./errors.js";
import { makeImports } from "./imports.js";

/** A used instance whose memory has grown beyond this is discarded. */
const KEPT_MEMORY_BYTES = 96 * 2 ** 20;

export class Pool {
  #load;
  #loaded;
  // Instances that no script has used.
  #fresh = [];
  // Instances that a script has used, kept for another.
  #idle = [];
  #idleLimit;

  /**
   * `load` returns the generated code and the core modules, or a promise of them.
   * `idleLimit` is the number of used instances to keep.
   */
  constructor(load, idleLimit) {
    this.#load = load;
    this.#idleLimit = idleLimit;
  }

  /** An instance for a run. */
  async take() {
    return this.#next() ?? this.#create();
  }

  /** The same without waiting: `undefined` if that takes a promise. */
  takeNow() {
    const ready = this.#next();
    if (ready !== undefined || this.#loaded === undefined || isPage()) return ready;
    const instance = new Instance();
    instance.startNow(this.#loaded);
    return instance;
  }

  /** Creates an instance ahead of the next run, unless one is ready. */
  async prepare() {
    if (this.#fresh.length === 0 && this.#idle.length === 0) this.#fresh.push(await this.#create());
  }

  /** Takes an instance back after a run. */
  give(instance) {
    const isKept = instance.isGood && instance.isClean && instance.memoryBytes <= KEPT_MEMORY_BYTES;
    if (isKept && this.#idle.length < this.#idleLimit) this.#idle.push(instance);
  }

  clear() {
    this.#fresh = [];
    this.#idle = [];
    this.#idleLimit = 0;
  }

  #next() {
    return this.#idle.pop() ?? this.#fresh.pop();
  }

  async #create() {
    this.#loaded ??= await this.#load();
    const instance = new Instance();
    await instance.start(this.#loaded);
    return instance;
  }
}

export class Instance {
  // The run that the imports serve.
  #slot = { run: undefined, hostMilliseconds: 0 };
  #memory;
  interpreter;
  /** Whether it can be used at all. */
  isGood = true;
  /** Whether the next run may have it. */
  isClean = true;

  async start({ glue, getModule }) {
    const instantiate = isPage() ? WebAssembly.instantiate : instantiateNow;
    ({ interpreter: this.interpreter } = await glue.instantiate(getModule, makeImports(this.#slot), async (...given) =>
      this.#keepMemory(await instantiate(...given)),
    ));
  }

  /** Starts it without waiting, off a page's own thread. */
  startNow({ glue, getModule }) {
    // The generated code returns a promise only if it was given one.
    ({ interpreter: this.interpreter } = glue.instantiate(getModule, makeImports(this.#slot), (...given) =>
      this.#keepMemory(instantiateNow(...given)),
    ));
  }

  get memoryBytes() {
    return this.#memory?.buffer.byteLength ?? 0;
  }

  /** Calls an export that may call the host. */
  enter(run, work) {
    this.#begin(run);
    try {
      return work(this.interpreter);
    } catch (error) {
      throw this.#failed(run, error);
    } finally {
      this.#slot.run = undefined;
    }
  }

  /** The same for an export that suspends the stack. */
  async enterAsync(run, work) {
    this.#begin(run);
    try {
      const done = work(this.interpreter);
      return await Promise.race([done, run.abandoned]);
    } catch (error) {
      throw this.#failed(run, error);
    } finally {
      this.#slot.run = undefined;
    }
  }

  /** Rejects an instance that cannot be used any more. */
  checkGood() {
    if (!this.isGood) throw new MontyError("sandbox", "the instance was discarded: an earlier run broke it");
  }

  #keepMemory(instance) {
    if (instance.exports.memory instanceof WebAssembly.Memory) this.#memory = instance.exports.memory;
    return instance;
  }

  #begin(run) {
    this.checkGood();
    this.#slot.run = run;
  }

  #failed(run, error) {
    const failure = run.fault === undefined ? error?.payload : undefined;
    // Any other error has unwound through the interpreter and left it in the middle of
    // its work: the instance must not be used again.
    if (failure === undefined || failure.tag === "other") this.isGood = false;
    if (failure?.tag === "limit-exceeded") this.isClean = false;
    return run.ended(this.#toMontyError(run, error, failure));
  }

  #toMontyError(run, error, failure) {
    if (run.fault !== undefined) return run.fault;
    if (failure !== undefined) return run.toError(failure);
    if (error instanceof MontyError) return error;
    return new MontyError("sandbox", `the interpreter failed: ${error?.message ?? error}`, { cause: error });
  }
}

/** Whether this is a page's own thread, where Chromium does not instantiate large modules synchronously. */
function isPage() {
  return typeof document !== "undefined";
}

/** Asynchronous instantiation would wait for V8's optimizing compiler, for up to 600 ms after the first runs. */
function instantiateNow(module, imports) {
  return new WebAssembly.Instance(module, imports);
}

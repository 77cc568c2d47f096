// Instances of the component, and the ones that wait for the next run.

import { MontyError } from "./errors.js";
import { makeImports } from "./imports.js";

/** An instance whose memory has grown beyond this is not kept. */
const KEPT_MEMORY_BYTES = 96 * 2 ** 20;

export class Pool {
  #glue;
  #getModule;
  #idle = [];
  #keep;

  /** `keep` is how many idle instances are kept at most. */
  constructor(glue, getModule, keep) {
    this.#glue = glue;
    this.#getModule = getModule;
    this.#keep = keep;
  }

  async take() {
    return this.#idle.pop() ?? this.create();
  }

  /** An idle instance, if there is one. */
  takeNow() {
    return this.#idle.pop();
  }

  give(instance) {
    if (instance.isGood && instance.isClean && instance.memoryBytes <= KEPT_MEMORY_BYTES && this.#idle.length < this.#keep) {
      this.#idle.push(instance);
    }
  }

  clear() {
    this.#idle = [];
    this.#keep = 0;
  }

  async create() {
    const instance = new Instance();
    await instance.start(this.#glue, this.#getModule);
    return instance;
  }
}

export class Instance {
  // What the imports work on.
  #slot = { run: undefined, hostMilliseconds: 0 };
  #memory;
  interpreter;
  /** Whether it can be used at all. */
  isGood = true;
  /** Whether the next run may have it. */
  isClean = true;

  async start(glue, getModule) {
    const instantiate = async (module, imports) => {
      const instance = await WebAssembly.instantiate(module, imports);
      if (instance.exports.memory instanceof WebAssembly.Memory) this.#memory = instance.exports.memory;
      return instance;
    };
    ({ interpreter: this.interpreter } = await glue.instantiate(getModule, makeImports(this.#slot), instantiate));
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

  /** Refuses an instance that cannot be used. */
  checkGood() {
    if (!this.isGood) throw new MontyError("sandbox", "the instance is gone: an earlier run broke it");
  }

  #begin(run) {
    this.checkGood();
    this.#slot.run = run;
  }

  #failed(run, error) {
    const failure = run.fault === undefined ? error?.payload : undefined;
    // Whatever is not an answer of the interpreter has left it in the middle
    // of its work: the instance must not be used again.
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

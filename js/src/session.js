import { MontyError } from "./errors.js";
import { aborted, toWitCall, toWitFeedOptions } from "./run.js";

/** Python that keeps its names between one piece of code and the next. */
export class Session {
  #run;
  #instance;
  #resource;
  #release;
  #isBusy = false;

  constructor(run, instance, resource, release) {
    this.#run = run;
    this.#instance = instance;
    this.#resource = resource;
    this.#release = release;
  }

  /** Runs a piece of code. */
  async feed(source, options) {
    const feedOptions = toWitFeedOptions(options, this.#run);
    return this.#drive((session) => session.feed(source, feedOptions));
  }

  /** Calls a function that the session defined. */
  async call(name, positional = [], keyword = {}, { awaits = false, ...options } = {}) {
    const feedOptions = toWitFeedOptions(options, this.#run);
    const call = toWitCall({ name, positional, keyword, awaits }, this.#run);
    return this.#drive((session) => session.call(call, feedOptions));
  }

  /** Goes on with the piece of code that is suspended. */
  async resume(answers) {
    const settled = this.#run.encodeAnswers(answers);
    return this.#drive((session) => session.resume(settled));
  }

  /** Gives up the piece of code that is suspended. */
  abandon() {
    this.#enter((session) => session.abandon());
  }

  /** The names of the functions that the session defined. */
  functions() {
    return this.#enter((session) => session.functions());
  }

  /** The session in bytes. */
  dump() {
    return this.#enter((session) => session.dump());
  }

  /** Closes the session and lets go of its instance. */
  close() {
    if (this.#resource === undefined) return;
    this.#checkIdle();
    const resource = this.#resource;
    this.#resource = undefined;
    if (this.#instance.isGood) {
      this.#instance.enter(this.#run, () => resource[Symbol.dispose ?? Symbol.for("dispose")]());
    }
    this.#release();
  }

  [Symbol.dispose ?? Symbol.for("Symbol.dispose")]() {
    this.close();
  }

  #checkIdle() {
    if (this.#isBusy) throw new MontyError("request", "the session is busy: one piece of code at a time");
  }

  #enter(work) {
    this.#checkIdle();
    if (this.#resource === undefined) throw new MontyError("request", "the session is closed");
    return this.#instance.enter(this.#run, () => work(this.#resource));
  }

  async #drive(start) {
    this.#checkIdle();
    if (this.#resource === undefined) throw new MontyError("request", "the session is closed");
    this.#isBusy = true;
    const run = this.#run;
    run.begin();
    try {
      let step = start;
      for (;;) {
        if (run.signal?.aborted) throw aborted(run.signal);
        const outcome = await this.#instance.enterAsync(run, () => step(this.#resource));
        if (outcome.tag === "completed") return run.completed(outcome.val);
        const answers = await run.answersTo(outcome.val);
        if (answers === undefined) return run.suspended(outcome.val);
        step = (session) => session.resume(answers);
      }
    } finally {
      this.#isBusy = false;
    }
  }
}

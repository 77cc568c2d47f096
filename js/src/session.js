import { anything, array, checkArgument, checkOptions, entries, string } from "./check.js";
import { MontyError } from "./errors.js";
import { callOptions, feedOptions } from "./options.js";
import { checkAnswers, toWitCall, toWitFeedOptions } from "./run.js";

const KEYWORD = entries(anything);

/** A Python session, which keeps its names from one snippet to the next. */
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

  /** Runs a snippet. */
  async feed(source, options) {
    checkArgument("feed()", "the source", source, string);
    const checked = checkOptions("feed()", options, feedOptions);
    this.#checkReady();
    this.#run.begin(checked.limits);
    const witOptions = toWitFeedOptions(checked, this.#run);
    return this.drive((session) => session.feed(source, witOptions));
  }

  /** Calls a function that the session defined. */
  async call(name, positional = [], keyword = {}, options = undefined) {
    checkArgument("call()", "the name", name, string);
    checkArgument("call()", "the positional arguments", positional, array);
    checkArgument("call()", "the keyword arguments", keyword, KEYWORD);
    const { awaits = false, ...checked } = checkOptions("call()", options, callOptions);
    this.#checkReady();
    this.#run.begin(checked.limits);
    const witOptions = toWitFeedOptions(checked, this.#run);
    const call = toWitCall({ name, positional, keyword, awaits }, this.#run);
    return this.drive((session) => session.call(call, witOptions));
  }

  /** Resumes the suspended snippet. */
  async resume(answers) {
    checkAnswers("resume()", answers);
    this.#checkReady();
    this.#run.restart();
    const settled = this.#run.encodeAnswers(answers);
    return this.drive((session) => session.resume(settled));
  }

  /** Abandons the suspended snippet. */
  abandon() {
    this.#enter((session) => session.abandon());
  }

  /** The names of the functions that the session defined. */
  functions() {
    return this.#enter((session) => session.functions());
  }

  /** A snapshot of the session, idle or suspended. */
  dump() {
    return this.#enter((session) => session.dump());
  }

  /** Closes the session and releases its instance. */
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
    if (this.#isBusy) throw new MontyError("request", "the session is busy: it runs one snippet at a time");
  }

  #checkReady() {
    this.#checkIdle();
    if (this.#resource === undefined) throw new MontyError("request", "the session is closed");
    this.#instance.checkGood();
  }

  #enter(work) {
    this.#checkReady();
    return this.#instance.enter(this.#run, () => work(this.#resource));
  }

  /** Drives the code that `start` begins. */
  async drive(start) {
    this.#isBusy = true;
    try {
      return await this.#run.drive(
        start,
        (step) => this.#instance.enterAsync(this.#run, () => step(this.#resource)),
        (answers) => (session) => session.resume(answers),
      );
    } finally {
      this.#isBusy = false;
    }
  }
}

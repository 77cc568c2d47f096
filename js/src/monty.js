import { bytes, checkArgument, checkOptions, string } from "./check.js";
import { createEngine } from "./engine.js";
import { resumeOptions, runOptions, sessionOptions } from "./options.js";
import { Run, checkAnswers, toWitOptions } from "./run.js";

/** Runs scripts in instances of one component. */
export class Monty {
  #engine;

  constructor(engine) {
    this.#engine = engine;
  }

  /** Runs a script. */
  async run(source, options) {
    const { run, witOptions } = prepareRun("run()", source, options);
    return this.#engine.drive(run, (interpreter) => interpreter.run(source, witOptions));
  }

  /** Runs a script whose tools return their results, not promises. */
  runSync(source, options) {
    const { run, witOptions } = prepareRun("runSync()", source, options);
    return this.#engine.runNow(run, (interpreter) => interpreter.run(source, witOptions));
  }

  /** Creates an instance ahead of the next run, or of `runSync()`. */
  async prepare() {
    await this.#engine.prepare();
  }

  /** Resumes a suspended script. */
  async resume(suspended, answers, options) {
    const snapshot = suspended?.snapshot ?? suspended;
    checkArgument("resume()", "the first argument", snapshot, { ...bytes, wants: "a suspension or its snapshot" });
    checkAnswers("resume()", answers);
    const run = new Run(checkOptions("resume()", options, resumeOptions));
    const settled = run.encodeAnswers(answers);
    return this.#engine.drive(run, (interpreter) => interpreter.resume(snapshot, settled));
  }

  /** The calls that a snapshot waits for. */
  async suspendedCalls(snapshot) {
    checkArgument("suspendedCalls()", "the snapshot", snapshot, bytes);
    const run = new Run();
    const requests = await this.#engine.ask(run, (interpreter) => interpreter.suspendedCalls(snapshot));
    return requests.map((request) => run.decodeRequest(request));
  }

  /** Opens a session. */
  async session(options) {
    const checked = checkOptions("session()", options, sessionOptions);
    const run = new Run(checked);
    const witOptions = toWitOptions(checked, run);
    return this.#engine.open(run, (interpreter) => interpreter.Session.create(witOptions));
  }

  /** Opens a session from a snapshot. */
  async restore(snapshot, options) {
    checkArgument("restore()", "the snapshot", snapshot, bytes);
    const run = new Run(checkOptions("restore()", options, resumeOptions));
    return this.#engine.open(run, (interpreter) => interpreter.Session.restore(snapshot));
  }

  /** The features of this build of the interpreter. */
  async capabilities() {
    return this.#engine.ask(new Run(), (interpreter) => interpreter.capabilities());
  }

  /** Whether a source typed line by line can run. */
  async sourceCompleteness(source) {
    checkArgument("sourceCompleteness()", "the source", source, string);
    return this.#engine.ask(new Run(), (interpreter) => interpreter.sourceCompleteness(source));
  }

  /** Releases the instances. Open sessions stay open. */
  dispose() {
    this.#engine.dispose();
  }

  [Symbol.dispose ?? Symbol.for("Symbol.dispose")]() {
    this.dispose();
  }
}

function prepareRun(where, source, options) {
  checkArgument(where, "the source", source, string);
  const checked = checkOptions(where, options, runOptions);
  const run = new Run(checked);
  return { run, witOptions: toWitOptions(checked, run) };
}

/** A `Monty` whose code is loaded when it is first needed: see `createEngine()`. */
export function createMontyFrom(load, options) {
  return new Monty(createEngine(load, options));
}

// One run of a script: its options, what it has consumed, and the calls it waits for.

import { anything, checkArgument, checkOptions, integer, isPlain, toEntries } from "./check.js";
import { PendingCalls } from "./calls.js";
import { Decoder, decodeValue, toUuid } from "./decode.js";
import { Encoder, toWitTimezone } from "./encode.js";
import { MontyError, fromFailure, fromReport, isSame, limitError, toException } from "./errors.js";
import { CHILD_BYTES, CapError, GraphError, OBJECT_BYTES, capsOf, scalarBytes, utf8Length } from "./graph.js";
import { ignoreRejection, raised, toAnswer } from "./imports.js";
import { toInstant, toNanoseconds } from "./moments.js";
import { isSeed } from "./options.js";
import { failed } from "./os.js";
import { suspend } from "./tools.js";
import { TimeZone } from "./values.js";
import { seededU64 } from "./wasi.js";

const DEFAULT_LIMITS = Object.freeze({
  durationMs: 5000,
  hostDurationMs: 5000,
  waitDurationMs: 600_000,
  memoryBytes: 128 * 2 ** 20,
  recursionDepth: 1000,
  calls: 10_000,
  outputBytes: 10 * 2 ** 20,
  messageBytes: 64 * 2 ** 20,
  concurrentCalls: 100,
  hostMemoryBytes: 256 * 2 ** 20,
});

/** The limits that the interpreter enforces. */
const INTERPRETER_LIMITS = ["durationMs", "memoryBytes", "recursionDepth", "gcInterval"];

/** The longest delay of a timer. */
const MAX_TIMER_MS = 2 ** 31 - 1;

export class Run {
  #ownLimits;
  // Answers that raised, of the last message that had any.
  #raised;
  // How the answer to the next print ends the script: the exception, and the error that
  // it stands for.
  #ending;
  // Pending promises of the print callback.
  #openPrints;

  /** `options` have been checked. */
  constructor(options = {}) {
    const { tools = {}, os, print, limits, randomness, values = "natural", sleep = false, signal } = options;
    this.tools = new Map(toEntries(tools));
    this.os = os;
    this.print = print;
    this.#ownLimits = withLimits(DEFAULT_LIMITS, limits);
    this.style = values;
    this.maySleep = sleep;
    this.signal = signal;
    /** The size of what this package holds for the script: waiting calls and answers, prints, objects. */
    this.heldBytes = 0;
    this.objects = new HostObjects(this);
    this.calls = new PendingCalls(this);
    /** The seed of the run's randomness, if it has one. */
    this.seed = isSeed(randomness) ? BigInt(randomness) : undefined;
    this.seededU64 = this.seed === undefined ? undefined : seededU64(this.seed);
    this.isSync = false;
    this.canBlock = false;
    this.inPlace = undefined;
    this.begin();
  }

  /** Restarts the count for the next snippet of a session, with its limits. */
  begin(limits) {
    this.limits = withLimits(this.#ownLimits, limits);
    this.restart();
  }

  /** Resets the counts, and how the code before ended. */
  restart() {
    this.callCount = 0;
    this.printed = "";
    this.outputBytes = 0;
    this.hostMs = 0;
    this.waitMs = 0;
    this.fault = undefined;
    this.#ending = undefined;
    this.#raised = [];
    this.#openPrints = new Set();
    /** Rejects when the run is abandoned. */
    this.abandoned = new Promise((_, reject) => {
      this.rejectAbandoned = reject;
    });
    ignoreRejection(this.abandoned);
  }

  /** The caps of a message. */
  get caps() {
    return capsOf(this.limits.messageBytes);
  }

  /** Milliseconds that the script may still wait. */
  get waitLeft() {
    return Math.max(this.limits.waitDurationMs - this.waitMs, 0);
  }

  /** Ends the run. The caller throws the returned error through the component. */
  abandon(error) {
    this.fault ??= error;
    this.rejectAbandoned(this.fault);
    return this.fault;
  }

  /** Throws if the run was interrupted, or ended by a print or a pending call. */
  checkGoing() {
    if (this.signal?.aborted) this.abandon(interrupted(this.signal));
    else if (this.#ending !== undefined) this.abandon(this.#ending.toError());
    if (this.fault !== undefined) throw this.fault;
    this.checkTime();
  }

  /** Ends the run if the host worked, or the script waited, for too long. */
  checkTime() {
    const { hostDurationMs, waitDurationMs } = this.limits;
    if (this.hostMs > hostDurationMs) {
      throw this.abandon(limitError("host-duration", `the host worked longer than ${hostDurationMs} ms (limits.hostDurationMs)`));
    }
    if (this.waitMs > waitDurationMs) throw this.abandon(this.#waitError());
  }

  /** Counts what is held for the script, and ends the run beyond the limit. */
  hold(bytes) {
    this.heldBytes += bytes;
    const most = this.limits.hostMemoryBytes;
    if (bytes > 0 && this.heldBytes > most) {
      const message = `waiting calls, answers, prints and objects hold more than ${most} bytes (limits.hostMemoryBytes)`;
      this.abandon(limitError("host-memory", message));
    }
  }

  /** Does work of the host and counts its time, without that of tools. */
  working(work) {
    const start = performance.now();
    const waited = this.waitMs;
    try {
      return work();
    } finally {
      this.hostMs += performance.now() - start - (this.waitMs - waited);
    }
  }

  /** Does what the script waits for, and counts its time. */
  waiting(work) {
    const start = performance.now();
    try {
      return work();
    } finally {
      this.waitMs += performance.now() - start;
    }
  }

  /** Ends the run because of a rejected message. */
  refuse(error) {
    return this.abandon(toRefusal(error));
  }

  countCall() {
    this.checkGoing();
    this.callCount += 1;
    if (this.callCount > this.limits.calls) {
      throw this.abandon(limitError("calls", `the script made more than ${this.limits.calls} calls (limits.calls)`));
    }
  }

  /**
   * Takes what the script printed. To end the script, this throws an exception that it
   * cannot catch, so that the interpreter stays usable.
   */
  write(stream, text) {
    if (this.fault !== undefined) throw this.fault;
    this.#ending ??= this.#tryWrite(stream, text);
    if (this.#ending !== undefined) throw failed(this.#ending.exception);
  }

  /** The same. Returns how it ends the script, if it does. */
  #tryWrite(stream, text) {
    if (this.signal?.aborted) {
      return toEnding({ typeName: "KeyboardInterrupt" }, (report) => interrupted(this.signal, report));
    }
    this.outputBytes += utf8Length(text);
    const most = this.limits.outputBytes;
    if (this.outputBytes > most) {
      const message = `the script printed more than ${most} bytes (limits.outputBytes)`;
      return toEnding({ typeName: "RuntimeError", message }, (report) => fromReport("limit", report, { limit: "output", message }));
    }
    if (this.print === undefined) {
      this.printed += text;
      return undefined;
    }
    let result;
    try {
      result = this.print(text, stream);
    } catch (error) {
      return toPrintEnding(error);
    }
    if (typeof result?.then === "function") this.#takePrint(result, scalarBytes(text));
    return undefined;
  }

  /** Tracks the promise of a print callback. */
  #takePrint(promise, bytes) {
    if (this.isSync) {
      ignoreRejection(promise);
      throw this.abandon(
        new MontyError("request", "the print callback returned a promise: runSync() cannot wait for it, run() can"),
      );
    }
    const prints = this.#openPrints;
    const done = () => {
      prints.delete(print);
      this.hold(-bytes);
    };
    this.hold(bytes);
    const print = Promise.resolve(promise).then(
      done,
      (error) => {
        done();
        // A rejection after the end of its snippet does not concern the next.
        if (prints === this.#openPrints) this.#ending ??= toPrintEnding(error);
      },
    );
    prints.add(print);
  }

  /** Records the answers that the script gets, to find the cause of its error. */
  delivers(answers) {
    const raising = answers.filter(({ tag }) => tag === "raised");
    if (raising.length > 0) this.#raised = raising;
  }

  /** The error for a failure of the interpreter. */
  toError(failure) {
    const { tag, val } = failure;
    if (tag === "raised" && this.#ending !== undefined && isSame(val.exception, this.#ending.exception)) {
      return this.#ending.toError(val);
    }
    return fromFailure(failure, (exception) => this.#raised.find((answer) => isSame(exception, answer.val))?.cause);
  }

  /** Waits until one of the calls is answered, the time has passed, or the run is interrupted. */
  async wait(calls, milliseconds = Number.POSITIVE_INFINITY) {
    if (calls.some((call) => call.isDone)) return;
    await this.#waitFor(calls.map((call) => call.done), milliseconds);
  }

  async #waitFor(promises, milliseconds) {
    const { waitLeft } = this;
    const start = performance.now();
    const end = await new Promise((resolve) => {
      const stop = (reason) => {
        clearTimeout(timer);
        this.signal?.removeEventListener("abort", stop);
        resolve(reason);
      };
      const longest = Math.min(milliseconds, waitLeft);
      const timer = longest > MAX_TIMER_MS ? undefined : setTimeout(stop, longest, "time");
      this.signal?.addEventListener("abort", stop);
      if (this.signal?.aborted) stop();
      for (const promise of promises) promise.then(stop);
    });
    this.waitMs += performance.now() - start;
    if (end === "time" && milliseconds > waitLeft) throw this.abandon(this.#waitError());
  }

  /**
   * Runs a script until it ends or waits for answers from outside.
   *
   * `enter` performs a step in an instance, `next` returns the step after a suspension.
   */
  async drive(start, enter, next) {
    try {
      let step = start;
      for (;;) {
        this.checkGoing();
        const outcome = await enter(step);
        const answers = outcome.tag === "completed" ? undefined : await this.#answersTo(outcome.val);
        if (answers === undefined) {
          const report = this.toReport(outcome);
          this.checkTime();
          await this.#finishPrints();
          return report;
        }
        step = next(answers, outcome.val);
      }
    } catch (error) {
      throw this.ended(error);
    } finally {
      this.calls.close();
    }
  }

  /** The answers to the calls of a suspension, or `undefined` if no tool works on one. */
  async #answersTo(suspension) {
    const own = suspension.calls.map(({ id }) => this.calls.find(id)).filter((call) => call !== undefined);
    if (own.length === 0) return undefined;
    const inPlace = own.find(({ id }) => id === this.inPlace);
    await this.wait(inPlace === undefined ? own : [inPlace]);
    this.checkGoing();
    const answers = own.filter((call) => call.isDone).map((call) => ({ id: call.id, answer: this.calls.take(call) }));
    this.delivers(answers.map(({ answer }) => answer));
    // The script waits in the middle of this call for an answer from outside.
    if (inPlace === undefined && suspension.calls.some(({ id }) => id === this.inPlace)) {
      answers.push({ id: this.inPlace, answer: { tag: "suspend" } });
    }
    if (answers.some(({ id, answer }) => id === this.inPlace && answer.tag !== "suspend")) this.inPlace = undefined;
    return answers;
  }

  /** Waits for the promises of the print callback. */
  async #finishPrints() {
    if (this.#openPrints.size === 0 && this.#ending === undefined) return;
    await this.#waitFor([Promise.all(this.#openPrints)], Number.POSITIVE_INFINITY);
    this.checkGoing();
  }

  /** Encodes answers from outside. */
  encodeAnswers(answers) {
    const encoded = toAnswerList(answers).map(({ id, value, error }) => {
      if (id === this.inPlace) this.inPlace = undefined;
      if (error !== undefined) return { id, answer: raised(this, error) };
      return { id, answer: value === suspend ? { tag: "suspend" } : toAnswer(this, value) };
    });
    this.delivers(encoded.map(({ answer }) => answer));
    return encoded;
  }

  /** The report for the program. */
  toReport({ tag, val }) {
    const report = { value: undefined, printed: this.printed, calls: this.callCount };
    if (tag === "completed") return { ...report, value: this.#decodeResult(val) };
    const { calls, snapshot } = val;
    return { ...report, suspension: { calls: calls.map((request) => this.decodeRequest(request)), snapshot } };
  }

  #decodeResult(value) {
    try {
      return this.working(() => decodeValue(value, { style: this.style, caps: this.caps }));
    } catch (error) {
      throw toRefusal(error);
    }
  }

  decodeRequest({ id, name, receiver, positional, keyword, graph }) {
    try {
      const decoder = new Decoder(graph, { style: this.style, caps: this.caps });
      return {
        id,
        name,
        receiver: receiver && toUuid(receiver),
        positional: positional.map((operand) => decoder.value(operand)),
        keyword: new Map(keyword.map((argument) => [argument.name, decoder.value(argument.value)])),
      };
    } catch (error) {
      throw toRefusal(error);
    }
  }

  /** The error that ended the run, with the prints until then. */
  ended(error) {
    if (error instanceof MontyError) error.printed = this.printed;
    return error;
  }

  #waitError() {
    const most = this.limits.waitDurationMs;
    return limitError("wait-duration", `the script waited longer than ${most} ms (limits.waitDurationMs)`);
  }
}

/** Classes, instances and modules of the host that the script received, by id. */
class HostObjects {
  #run;
  #objects = new Map();

  constructor(run) {
    this.#run = run;
  }

  get(id) {
    return this.#objects.get(id);
  }

  set(id, object) {
    // The script may call its methods later, so it is kept as long as the script.
    if (!this.#objects.has(id)) this.#run.hold(OBJECT_BYTES + 2 * CHILD_BYTES * object.attributes.size);
    this.#objects.set(id, object);
  }
}

/** An exception that ends the script, and the error for the program, from a report if there is one. */
function toEnding(exception, toError) {
  return { exception, toError: (report = { exception, traceback: [] }) => toError(report) };
}

function toPrintEnding(cause) {
  const reason = cause instanceof Error ? cause.message || cause.name : cause;
  const message = `the print callback failed: ${reason}`;
  return toEnding(toException(cause), (report) => fromReport("host", report, { cause, message }));
}

function withLimits(limits, given = {}) {
  return { ...limits, ...Object.fromEntries(Object.entries(given).filter(([, value]) => value !== undefined)) };
}

const CALL_ID = integer(0, 2 ** 32 - 1);
const ANSWERS = {
  wants: "an object or a Map of values by the ids of their calls, or an array of { id, value } and { id, error }",
  accepts: (value) => isPlain(value) || value instanceof Map || Array.isArray(value),
};

/** Checks answers from outside. */
export function checkAnswers(where, answers) {
  checkArgument(where, "the answers", answers, ANSWERS);
  for (const answer of toAnswerList(answers)) {
    checkOptions(`${where}, in an answer`, answer, { id: CALL_ID, value: anything, error: anything });
    checkArgument(`${where}, in an answer`, "the id of the call", answer.id, CALL_ID);
  }
}

function toAnswerList(answers) {
  if (Array.isArray(answers)) return answers;
  return [...toEntries(answers)].map(([id, value]) => ({ id: Number(id), value }));
}

/** The options of a run for the component. */
export function toWitOptions(options, run) {
  const { inputs, scriptName, workingDirectory, clock, localTimezone, randomness, lineBuffered, explainAssertions } = options;
  return {
    scriptName,
    inputs: toWitInputs(inputs, run),
    workingDirectory,
    limits: toWitLimits(run.limits),
    clock: toWitClock(clock),
    localTimezone: toWitLocalTimezone(localTimezone),
    randomness: toWitRandomness(randomness),
    lineBuffered,
    explainAssertions,
  };
}

/** The options of a snippet, for the component. */
export function toWitFeedOptions({ inputs, limits = {}, lineBuffered }, run) {
  const isLimited = INTERPRETER_LIMITS.some((name) => limits[name] !== undefined);
  return {
    inputs: toWitInputs(inputs, run),
    limits: isLimited ? toWitLimits(run.limits) : undefined,
    lineBuffered,
  };
}

function toWitInputs(inputs, run) {
  if (inputs === undefined) return undefined;
  return encoding(run, (encoder) => {
    const named = encoder.named(inputs);
    return { values: named, graph: encoder.finish() };
  });
}

/** The arguments of a call of a function of a session, for the component. */
export function toWitCall({ name, positional, keyword, awaits }, run) {
  return encoding(run, (encoder) => ({
    name,
    positional: positional.map((value, index) => encoder.operand(value, `argument ${index}`)),
    keyword: encoder.named(keyword),
    graph: encoder.finish(),
    awaits,
  }));
}

function encoding({ objects, caps }, encode) {
  try {
    return encode(new Encoder({ objects, caps }));
  } catch (error) {
    if (error instanceof CapError) throw messageLimit(error);
    throw error instanceof GraphError ? new MontyError("request", error.message) : error;
  }
}

function toWitLimits({ durationMs, memoryBytes, recursionDepth, gcInterval }) {
  return {
    maxDuration: Number.isFinite(durationMs) ? toNanoseconds(durationMs) : undefined,
    maxMemory: BigInt(memoryBytes),
    maxRecursionDepth: recursionDepth,
    gcInterval,
  };
}

function toWitClock(clock) {
  if (clock === undefined || clock === "system") return undefined;
  if (clock === "host") return { tag: "host" };
  return { tag: "fixed", val: toInstant(clock) };
}

function toWitLocalTimezone(zone) {
  if (zone === undefined) return undefined;
  if (zone instanceof TimeZone) return { tag: "fixed", val: toWitTimezone(zone) };
  return { tag: "named", val: zone };
}

function toWitRandomness(randomness) {
  if (randomness === undefined || randomness === "system") return undefined;
  if (randomness === "host") return { tag: "host" };
  return { tag: "seeded", val: BigInt(randomness) };
}

/** The error for a message beyond the caps. */
function messageLimit(error) {
  return limitError("message", error.message, { cause: error });
}

/** The error for a rejected message of the interpreter. */
function toRefusal(error) {
  if (error instanceof CapError) return messageLimit(error);
  return new MontyError("sandbox", `the interpreter sent an invalid message: ${error.message}`, { cause: error });
}

function interrupted(signal, report) {
  const fields = { message: "the run was interrupted", cause: signal.reason };
  if (report !== undefined) return fromReport("interrupted", report, fields);
  return new MontyError("interrupted", fields.message, fields);
}

// One run of a script: its options, what it has used up, and the calls that it
// waits for.

import { anything, checkArgument, checkOptions, integer, isPlain, toEntries } from "./check.js";
import { Decoder, decodeValue, toUuid } from "./decode.js";
import { Encoder, toWitTimezone } from "./encode.js";
import { MontyError, limitError } from "./errors.js";
import { CapError, GraphError, answerBytes, capsOf } from "./graph.js";
import { raised, toAnswer } from "./imports.js";
import { isSeed } from "./options.js";
import { suspend } from "./tools.js";
import { TimeZone } from "./values.js";
import { seededU64 } from "./wasi.js";

const DEFAULT_LIMITS = Object.freeze({
  durationMs: 5000,
  memoryBytes: 128 * 2 ** 20,
  recursionDepth: 1000,
  calls: 10_000,
  printedLength: 10 * 2 ** 20,
  messageBytes: 64 * 2 ** 20,
  concurrentCalls: 100,
  hostMemoryBytes: 256 * 2 ** 20,
});

/** The limits that the interpreter counts. */
const INTERPRETER_LIMITS = ["durationMs", "memoryBytes", "recursionDepth", "gcInterval"];

export class Run {
  #ownLimits;

  /** `options` have been checked. */
  constructor(options = {}) {
    const { tools = {}, os, print, limits, random, values = "natural", sleep = false, signal } = options;
    this.tools = new Map(toEntries(tools));
    this.os = os;
    this.print = print;
    this.#ownLimits = withLimits(DEFAULT_LIMITS, limits);
    this.style = values;
    this.maySleep = sleep;
    this.signal = signal;
    this.objects = new Map();
    this.calls = new Calls(this);
    this.seededU64 = isSeed(random) ? seededU64(BigInt(random)) : undefined;
    this.isSync = false;
    this.canBlock = false;
    this.inPlace = undefined;
    this.begin();
  }

  /** Starts to count anew, for the next piece of code of a session, with its limits. */
  begin(limits) {
    this.limits = withLimits(this.#ownLimits, limits);
    this.restart();
  }

  /** Starts to count anew, and forgets what ended the code before. */
  restart() {
    this.callCount = 0;
    this.printed = "";
    this.printedLength = 0;
    this.fault = undefined;
    /** Rejects when the run is abandoned. */
    this.abandoned = new Promise((_, reject) => {
      this.rejectAbandoned = reject;
    });
    this.abandoned.catch(() => {});
  }

  /** What a message may hold. */
  get caps() {
    return capsOf(this.limits.messageBytes);
  }

  /** Ends the run: what this returns is to be thrown through the component. */
  abandon(error) {
    this.fault ??= error;
    this.rejectAbandoned(this.fault);
    return this.fault;
  }

  /** Ends the run if it was aborted, or if what goes on beside it has ended it. */
  checkSignal() {
    if (this.signal?.aborted) this.abandon(aborted(this.signal));
    if (this.fault !== undefined) throw this.fault;
  }

  /** Ends the run because of a message that is not taken. */
  refuse(error) {
    return this.abandon(toRefusal(error));
  }

  countCall() {
    this.checkSignal();
    this.callCount += 1;
    if (this.callCount > this.limits.calls) {
      throw this.abandon(limitError("calls", `the script made more than ${this.limits.calls} calls (limits.calls)`));
    }
  }

  write(stream, text) {
    this.checkSignal();
    this.printedLength += text.length;
    if (this.printedLength > this.limits.printedLength) {
      const most = this.limits.printedLength;
      throw this.abandon(limitError("printed", `the script printed more than ${most} characters (limits.printedLength)`));
    }
    if (this.print === undefined) {
      this.printed += text;
      return;
    }
    try {
      this.print(text, stream);
    } catch (error) {
      throw this.abandon(new MontyError("request", `the print callback failed: ${error?.message}`, { cause: error }));
    }
  }

  /** Waits until one of some calls is done, some time is over, or the run is aborted. */
  wait(ids, milliseconds) {
    return new Promise((resolve) => {
      const stop = () => {
        clearTimeout(timer);
        this.signal?.removeEventListener("abort", stop);
        resolve();
      };
      const timer = milliseconds === undefined ? undefined : setTimeout(stop, Math.min(milliseconds, 2 ** 31 - 1));
      this.signal?.addEventListener("abort", stop);
      if (this.signal?.aborted) stop();
      for (const id of ids) this.calls.whenDone(id).then(stop);
    });
  }

  /**
   * Runs a script to its end, or until it waits for somebody else's answers.
   *
   * `enter` takes a step in an instance, `next` makes the step after a suspension.
   */
  async drive(start, enter, next) {
    try {
      let step = start;
      for (;;) {
        this.checkSignal();
        const outcome = await enter(step);
        if (outcome.tag === "completed") return this.completed(outcome.val);
        const answers = await this.answersTo(outcome.val);
        if (answers === undefined) return this.suspended(outcome.val);
        step = next(answers, outcome.val);
      }
    } catch (error) {
      throw this.ended(error);
    }
  }

  /** The answers to calls of an outcome for which a tool works on one, or `undefined` if none does. */
  async answersTo(suspension) {
    const ids = suspension.calls.map((request) => request.id);
    const own = ids.filter((id) => this.calls.has(id));
    if (own.length === 0) return undefined;
    const isInPlace = own.includes(this.inPlace);
    const awaited = isInPlace ? [this.inPlace] : own;
    if (!awaited.some((id) => this.calls.isDone(id))) await this.wait(awaited);
    this.checkSignal();
    const answers = own.filter((id) => this.calls.isDone(id)).map((id) => ({ id, answer: this.calls.take(id) }));
    // The script waits in the middle of this call, for somebody else's answer.
    if (!isInPlace && ids.includes(this.inPlace)) answers.push({ id: this.inPlace, answer: { tag: "suspend" } });
    if (answers.some(({ id, answer }) => id === this.inPlace && answer.tag !== "suspend")) this.inPlace = undefined;
    return answers;
  }

  /** Somebody else's answers, encoded. */
  encodeAnswers(answers) {
    return toAnswerList(answers).map(({ id, value, error }) => {
      if (id === this.inPlace) this.inPlace = undefined;
      if (error !== undefined) return { id, answer: raised(this, error) };
      return { id, answer: value === suspend ? { tag: "suspend" } : toAnswer(this, value) };
    });
  }

  completed(value) {
    try {
      return { value: decodeValue(value, { style: this.style, caps: this.caps }), printed: this.printed, calls: this.callCount };
    } catch (error) {
      throw toRefusal(error);
    }
  }

  suspended({ calls, snapshot }) {
    return {
      value: undefined,
      printed: this.printed,
      calls: this.callCount,
      suspension: { calls: calls.map((request) => this.decodeRequest(request)), snapshot },
    };
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

  /** The error that ended the run, with what was printed until then. */
  ended(error) {
    if (error instanceof MontyError) error.printed = this.printed;
    return error;
  }
}

function withLimits(limits, given = {}) {
  return { ...limits, ...Object.fromEntries(Object.entries(given).filter(([, value]) => value !== undefined)) };
}

const CALL_ID = integer(0, 2 ** 32 - 1);
const ANSWERS = {
  wants: "an object or a Map of values by the ids of their calls, or an array of { id, value } and { id, error }",
  accepts: (value) => isPlain(value) || value instanceof Map || Array.isArray(value),
};

/** Checks somebody else's answers. */
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

/** The calls that a tool works on, and the answers that the script has not taken. */
class Calls {
  #run;
  #calls = new Map();
  // What they hold: the arguments until a call is done, then the answer.
  #heldBytes = 0;

  constructor(run) {
    this.#run = run;
  }

  start(id, promise, argumentBytes) {
    const call = this.#add(id, argumentBytes);
    // What ends the run is thrown where the script next calls the host.
    call.done = promise.then(
      (answer) => this.#answer(call, answer),
      (error) => this.#answer(call, { tag: "raised", val: { typeName: "RuntimeError", message: String(error), traceback: [] } }),
    );
  }

  done(id, answer) {
    const call = this.#add(id, 0);
    call.done = Promise.resolve();
    this.#answer(call, answer);
    this.#run.checkSignal();
  }

  has(id) {
    return this.#calls.has(id);
  }

  isDone(id) {
    return this.#calls.get(id)?.answer !== undefined;
  }

  whenDone(id) {
    return this.#calls.get(id)?.done ?? new Promise(() => {});
  }

  take(id) {
    const call = this.#calls.get(id);
    if (call?.answer === undefined) return undefined;
    this.#calls.delete(id);
    this.#heldBytes -= call.bytes;
    return call.answer;
  }

  #add(id, bytes) {
    const most = this.#run.limits.concurrentCalls;
    if (this.#calls.size >= most) {
      const message = `more than ${most} calls are under way, or answered and not awaited (limits.concurrentCalls)`;
      throw this.#run.abandon(limitError("concurrent-calls", message));
    }
    const call = { answer: undefined, done: undefined, bytes: 0 };
    this.#calls.set(id, call);
    this.#hold(call, bytes);
    this.#run.checkSignal();
    return call;
  }

  #answer(call, answer) {
    call.answer = answer;
    this.#hold(call, answerBytes(answer));
  }

  #hold(call, bytes) {
    this.#heldBytes += bytes - call.bytes;
    call.bytes = bytes;
    const most = this.#run.limits.hostMemoryBytes;
    if (this.#heldBytes > most) {
      const message = `calls and answers that wait hold more than ${most} bytes (limits.hostMemoryBytes)`;
      this.#run.abandon(limitError("host-memory", message));
    }
  }
}

/** The options of a run, for the component. */
export function toWitOptions(options, run) {
  const { inputs, scriptName, workingDirectory, clock, timezone, random, lineBuffered, explainAssertions } = options;
  return {
    scriptName,
    inputs: toWitInputs(inputs, run),
    workingDirectory,
    limits: toWitLimits(run.limits),
    clock: toWitClock(clock),
    localTimezone: toWitLocalTimezone(timezone),
    randomness: toWitRandomness(random),
    lineBuffered,
    explainAssertions,
  };
}

/** The options of a piece of code, for the component. */
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
    maxDurationMicros: Number.isFinite(durationMs) ? BigInt(Math.round(durationMs * 1000)) : undefined,
    maxMemoryBytes: BigInt(memoryBytes),
    maxRecursionDepth: recursionDepth,
    gcInterval,
  };
}

function toWitClock(clock) {
  if (clock === undefined || clock === "system") return undefined;
  if (clock === "host") return { tag: "host" };
  const milliseconds = Number(clock);
  const seconds = Math.floor(milliseconds / 1000);
  const micros = Math.floor((milliseconds - seconds * 1000) * 1000);
  return { tag: "fixed", val: { seconds: BigInt(seconds), micros } };
}

function toWitLocalTimezone(timezone) {
  if (timezone === undefined) return undefined;
  if (timezone instanceof TimeZone) return { tag: "fixed", val: toWitTimezone(timezone) };
  return { tag: "named", val: timezone };
}

function toWitRandomness(random) {
  if (random === undefined || random === "system") return undefined;
  if (random === "host") return { tag: "host" };
  return { tag: "seeded", val: BigInt(random) };
}

/** The error for a message that is larger or deeper than the run takes. */
function messageLimit(error) {
  return limitError("message", error.message, { cause: error });
}

/** The error for a message of the interpreter that is not taken. */
function toRefusal(error) {
  if (error instanceof CapError) return messageLimit(error);
  return new MontyError("sandbox", `the interpreter sent an invalid message: ${error.message}`, { cause: error });
}

function aborted(signal) {
  return new MontyError("aborted", "the run was aborted", { cause: signal.reason });
}

// One run of a script: its options, what it has used up, and the calls that it
// waits for.

import { Decoder, decodeValue, toUuid } from "./decode.js";
import { Encoder, toWitTimezone } from "./encode.js";
import { MontyError } from "./errors.js";
import { GraphError } from "./graph.js";
import { raised, toAnswer } from "./imports.js";
import { suspend } from "./tools.js";
import { TimeZone } from "./values.js";
import { seededU64 } from "./wasi.js";

const DEFAULT_LIMITS = Object.freeze({
  durationMs: 5000,
  memoryBytes: 128 * 2 ** 20,
  recursionDepth: 1000,
  calls: 10_000,
  printedLength: 10 * 2 ** 20,
});

export class Run {
  constructor(options = {}) {
    const { tools = {}, os, print, limits, random, values = "natural", sleep = false, signal } = options;
    if (values !== "natural" && values !== "exact") throw invalid(`values is "natural" or "exact", not ${values}`);
    this.tools = tools instanceof Map ? tools : new Map(Object.entries(tools));
    this.os = os;
    this.print = print;
    this.limits = { ...DEFAULT_LIMITS, ...limits };
    this.style = values;
    this.maySleep = sleep;
    this.signal = signal;
    this.objects = new Map();
    this.calls = new Calls();
    this.seededU64 = isSeed(random) ? seededU64(BigInt(random)) : undefined;
    this.isSync = false;
    this.canBlock = false;
    this.inPlace = undefined;
    this.fault = undefined;
    /** Rejects when the run is abandoned. */
    this.abandoned = new Promise((_, reject) => {
      this.rejectAbandoned = reject;
    });
    this.abandoned.catch(() => {});
    this.begin();
  }

  /** Starts to count anew, for the next piece of code of a session. */
  begin() {
    this.callCount = 0;
    this.printed = "";
    this.printedLength = 0;
  }

  /** Ends the run: what this returns is to be thrown through the component. */
  abandon(error) {
    this.fault ??= error;
    this.rejectAbandoned(this.fault);
    return this.fault;
  }

  checkSignal() {
    if (this.signal?.aborted) throw this.abandon(aborted(this.signal));
  }

  countCall() {
    this.checkSignal();
    this.callCount += 1;
    if (this.callCount > this.limits.calls) {
      throw this.abandon(
        new MontyError("limit", `the script made more than ${this.limits.calls} calls`, { limit: "calls" }),
      );
    }
  }

  write(stream, text) {
    this.checkSignal();
    this.printedLength += text.length;
    if (this.printedLength > this.limits.printedLength) {
      throw this.abandon(
        new MontyError("limit", `the script printed more than ${this.limits.printedLength} characters`, {
          limit: "printed",
        }),
      );
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

  /** The answers to calls of an outcome for which a tool works on one, or `undefined` if none does. */
  async answersTo(suspension) {
    const ids = suspension.calls.map((request) => request.id);
    const own = ids.filter((id) => this.calls.has(id));
    if (own.length === 0) return undefined;
    const isInPlace = own.includes(this.inPlace);
    const awaited = isInPlace ? [this.inPlace] : own;
    if (!awaited.some((id) => this.calls.isDone(id))) await this.wait(awaited);
    if (this.signal?.aborted) throw aborted(this.signal);
    const answers = own.filter((id) => this.calls.isDone(id)).map((id) => ({ id, answer: this.calls.take(id) }));
    // The script waits in the middle of this call, for somebody else's answer.
    if (!isInPlace && ids.includes(this.inPlace)) answers.push({ id: this.inPlace, answer: { tag: "suspend" } });
    if (answers.some(({ id, answer }) => id === this.inPlace && answer.tag !== "suspend")) this.inPlace = undefined;
    return answers;
  }

  /** Somebody else's answers, encoded. */
  encodeAnswers(answers) {
    const list = Array.isArray(answers)
      ? answers
      : (answers instanceof Map ? [...answers] : Object.entries(answers)).map(([id, value]) => ({ id: Number(id), value }));
    return list.map(({ id, value, error }) => {
      if (id === this.inPlace) this.inPlace = undefined;
      if (error !== undefined) return { id, answer: raised(this, error) };
      return { id, answer: value === suspend ? { tag: "suspend" } : toAnswer(this, value) };
    });
  }

  completed(value) {
    try {
      return { value: decodeValue(value, { style: this.style }), printed: this.printed, calls: this.callCount };
    } catch (error) {
      throw invalidMessage(error);
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
      const decoder = new Decoder(graph, { style: this.style });
      return {
        id,
        name,
        receiver: receiver && toUuid(receiver),
        positional: positional.map((operand) => decoder.value(operand)),
        keyword: new Map(keyword.map((argument) => [argument.name, decoder.value(argument.value)])),
      };
    } catch (error) {
      throw invalidMessage(error);
    }
  }
}

/** The answers to calls that a tool works on, or has for the script to await. */
class Calls {
  #calls = new Map();

  start(id, promise) {
    const call = { answer: undefined, done: undefined };
    // What ends the run is thrown where the script next calls the host.
    call.done = promise.then(
      (answer) => {
        call.answer = answer;
      },
      (error) => {
        call.answer = { tag: "raised", val: { typeName: "RuntimeError", message: String(error), traceback: [] } };
      },
    );
    this.#calls.set(id, call);
  }

  done(id, answer) {
    this.#calls.set(id, { answer, done: Promise.resolve() });
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
    const answer = this.#calls.get(id)?.answer;
    if (answer !== undefined) this.#calls.delete(id);
    return answer;
  }
}

/** The options of a run, for the component. */
export function toWitOptions(options = {}, { limits, objects }) {
  const { inputs, scriptName, workingDirectory, clock, timezone, random, lineBuffered, explainAssertions } = options;
  return {
    scriptName,
    inputs: toWitInputs(inputs, objects),
    workingDirectory,
    limits: toWitLimits(limits),
    clock: toWitClock(clock),
    localTimezone: toWitLocalTimezone(timezone),
    randomness: toWitRandomness(random),
    lineBuffered,
    explainAssertions,
  };
}

/** The options of a piece of code, for the component. */
export function toWitFeedOptions({ inputs, limits, lineBuffered } = {}, { objects }) {
  return { inputs: toWitInputs(inputs, objects), limits: limits && toWitLimits({ ...DEFAULT_LIMITS, ...limits }), lineBuffered };
}

function toWitInputs(inputs, objects) {
  if (inputs === undefined) return undefined;
  const encoder = new Encoder({ objects });
  return encoding(() => {
    const named = encoder.named(inputs);
    return { values: named, graph: encoder.finish() };
  });
}

/** The arguments of a call of a function of a session, for the component. */
export function toWitCall({ name, positional, keyword, awaits }, { objects }) {
  const encoder = new Encoder({ objects });
  return encoding(() => ({
    name,
    positional: positional.map((value, index) => encoder.operand(value, `argument ${index}`)),
    keyword: encoder.named(keyword),
    graph: encoder.finish(),
    awaits,
  }));
}

function encoding(encode) {
  try {
    return encode();
  } catch (error) {
    throw error instanceof GraphError ? invalid(error.message) : error;
  }
}

function toWitLimits({ durationMs, memoryBytes, recursionDepth, gcInterval }) {
  return {
    maxDurationMicros: Number.isFinite(durationMs) ? toU64("durationMs", durationMs * 1000) : undefined,
    maxMemoryBytes: toU64("memoryBytes", memoryBytes),
    maxRecursionDepth: recursionDepth,
    gcInterval,
  };
}

function toU64(name, value) {
  if (!(value >= 0 && value <= Number.MAX_SAFE_INTEGER)) throw invalid(`limits.${name} is out of range`);
  return BigInt(Math.round(value));
}

function toWitClock(clock) {
  if (clock === undefined || clock === "system") return undefined;
  if (clock === "host") return { tag: "host" };
  const milliseconds = Number(clock);
  if (!Number.isFinite(milliseconds)) throw invalid('clock is "system", "host", a Date or milliseconds');
  const seconds = Math.floor(milliseconds / 1000);
  const micros = Math.floor((milliseconds - seconds * 1000) * 1000);
  return { tag: "fixed", val: { seconds: BigInt(seconds), micros } };
}

function toWitLocalTimezone(timezone) {
  if (timezone === undefined) return undefined;
  if (timezone instanceof TimeZone) return { tag: "fixed", val: toWitTimezone(timezone) };
  return { tag: "named", val: String(timezone) };
}

function toWitRandomness(random) {
  if (random === undefined || random === "system") return undefined;
  if (random === "host") return { tag: "host" };
  if (!isSeed(random)) throw invalid('random is "system", "host" or a seed: an integer of 64 bits, not negative');
  return { tag: "seeded", val: BigInt(random) };
}

function isSeed(random) {
  return Number.isSafeInteger(random) ? random >= 0 : typeof random === "bigint" && random >= 0n && random < 2n ** 64n;
}

function invalid(message) {
  return new MontyError("request", message);
}

function invalidMessage(error) {
  return new MontyError("sandbox", `the interpreter sent an invalid message: ${error.message}`, { cause: error });
}

export function aborted(signal) {
  return new MontyError("aborted", "the run was aborted", { cause: signal.reason });
}

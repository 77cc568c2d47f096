// Pending calls: those a tool works on, and those whose answer the script has not taken.

import { limitError } from "./errors.js";
import { answerBytes } from "./graph.js";

/** The method that the generated code calls when the component drops a handle. */
const DROP = Symbol.dispose ?? Symbol.for("dispose");

/** The method of a context by which its tool is told that its answer is no longer needed. */
export const GIVE_UP = Symbol("monty.give-up");

/** A call of a tool in progress, or answered and not yet taken: the resource `pending-call`. */
export class PendingCall {
  #calls;
  id;
  context;
  /** Settles when the answer has arrived. */
  done;
  /** The answer, once it has arrived. */
  answer;
  /** The size of the arguments, or of the answer once it has arrived. */
  bytes = 0;
  /** Whether a snapshot waits for it, which outlives the handle. */
  isSuspended = false;

  constructor(calls, id, context) {
    this.#calls = calls;
    this.id = id;
    this.context = context;
  }

  get isDone() {
    return this.answer !== undefined;
  }

  [DROP]() {
    if (!this.isSuspended) this.#calls.giveUp(this);
  }
}

/** What a tool gets to know about its call. */
export class CallContext {
  #name;
  #controller;

  constructor(name) {
    this.#name = name;
  }

  /** Aborts when the script no longer waits for the answer. */
  get signal() {
    this.#controller ??= new AbortController();
    return this.#controller.signal;
  }

  /** Tells the tool that its answer is no longer needed. */
  [GIVE_UP]() {
    this.#controller ??= new AbortController();
    const message = `the script no longer waits for ${this.#name}()`;
    this.#controller.abort(new DOMException(message, "AbortError"));
  }
}

/** The pending calls of a run, or of a session. */
export class PendingCalls {
  #run;
  #open = new Map();

  constructor(run) {
    this.#run = run;
  }

  /** Adds a call whose tool returned a promise. `toAnswer` and `toError` turn its result into an answer. */
  start(id, context, bytes, promise, toAnswer, toError) {
    const call = new PendingCall(this, id, context);
    // An error that ends the run is thrown at the script's next call of the host.
    call.done = Promise.resolve(promise).then(
      (value) => this.#settle(call, () => toAnswer(value)),
      (error) => this.#settle(call, () => toError(error)),
    );
    return this.#add(call, bytes);
  }

  /** Adds a call that was answered before the script could await it. */
  answered(id, answer) {
    const call = new PendingCall(this, id);
    call.done = Promise.resolve();
    call.answer = answer;
    return this.#add(call, answerBytes(answer));
  }

  find(id) {
    return this.#open.get(id);
  }

  /** Takes the answer of a call, if it has arrived. */
  take(call) {
    if (call.isDone) this.#remove(call);
    return call.answer;
  }

  /** Removes a call whose answer is no longer needed, and tells its tool. */
  giveUp(call) {
    if (!this.#remove(call) || call.isDone || call.context === undefined) return;
    call.context[GIVE_UP]();
  }

  /** Gives up the remaining calls. */
  close() {
    for (const call of this.#open.values()) this.giveUp(call);
  }

  #add(call, bytes) {
    this.#open.set(call.id, call);
    const most = this.#run.limits.concurrentCalls;
    if (this.#open.size > most) {
      const message = `more than ${most} calls are in progress, or answered and not yet awaited (limits.concurrentCalls)`;
      throw this.#run.abandon(limitError("concurrent-calls", message));
    }
    this.#hold(call, bytes);
    this.#run.checkGoing();
    return call;
  }

  #settle(call, makeAnswer) {
    // The call was given up meanwhile.
    if (this.#open.get(call.id) !== call) return;
    try {
      call.answer = makeAnswer();
      this.#hold(call, answerBytes(call.answer));
    } catch (error) {
      this.#run.abandon(error);
    }
  }

  #remove(call) {
    if (this.#open.get(call.id) !== call) return false;
    this.#open.delete(call.id);
    this.#hold(call, 0);
    return true;
  }

  #hold(call, bytes) {
    this.#run.hold(bytes - call.bytes);
    call.bytes = bytes;
  }
}

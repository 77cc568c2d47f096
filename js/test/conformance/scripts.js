// The scripts of `conformance/scripts/`, on the generated code and this package's codec:
// what the contract says of each call, which the host's own tools do not show.

import assert from "node:assert/strict";

import { Decoder, decodeValue, toUuid } from "../../src/decode.js";
import { Encoder, encodeValue } from "../../src/encode.js";
import { fromFailure } from "../../src/errors.js";
import { withVersions } from "../../src/imports.js";
import { OPERATIONS, failed } from "../../src/os.js";
import { wasiImports } from "../../src/wasi.js";
import { describe as meaningOf, toValue } from "./meanings.js";
import { readJson, readText } from "./kit.js";

const DROP = Symbol.dispose ?? Symbol.for("dispose");

/** A pending call, as the generated code takes one. */
class PendingCall {
  isDropped = false;

  constructor(label) {
    this.label = label;
  }

  [DROP]() {
    assert.equal(this.isDropped, false, `the pending call ${this.label} is dropped twice`);
    this.isDropped = true;
  }
}

/** What is to happen in one turn, step by step, and what did. */
class Turn {
  #steps;
  #printed;
  // What went wrong in an import: there it would be a failure of the sandbox.
  #error;

  constructor(steps = []) {
    this.#steps = [...steps];
  }

  /** The next step, which must be of this kind. */
  take(kind, what) {
    this.#finishPrints();
    const step = this.#steps.shift();
    assert.ok(step !== undefined && kind in step, `${kind} ${what}, where ${JSON.stringify(step ?? "the end")} is due`);
    return step;
  }

  /** The reply to a print, which is part of a step. */
  print(stream, text) {
    const kind = stream === "stdout" ? "print" : "print-error";
    if (this.#printed?.kind !== kind) {
      this.#finishPrints();
      this.#printed = { kind, text: "" };
    }
    this.#printed.text += text;
    return this.#steps[0]?.reply;
  }

  /** Runs what an import does, and keeps what is wrong with it. */
  guard(work) {
    try {
      return work();
    } catch (error) {
      if (error.payload === undefined) this.#error ??= error;
      throw error;
    }
  }

  finish() {
    if (this.#error !== undefined) throw this.#error;
    this.#finishPrints();
    assert.deepEqual(this.#steps, [], "steps are left");
  }

  throwError() {
    if (this.#error !== undefined) throw this.#error;
  }

  #finishPrints() {
    const printed = this.#printed;
    if (printed === undefined) return;
    this.#printed = undefined;
    const { reply, ...step } = this.#steps.shift() ?? {};
    assert.deepEqual({ [printed.kind]: printed.text }, step);
  }
}

/** A script on its way through its turns. */
class Play {
  turn;
  #sources = new Map();
  #calls = new Map();
  #ids = new Set();
  #pending = new Map();

  addSource(filename, source) {
    this.#sources.set(filename, new TextEncoder().encode(source));
  }

  id(label) {
    return this.#calls.get(label);
  }

  label(id) {
    return [...this.#calls].find(([, known]) => known === id)?.[0];
  }

  call(request) {
    const { id, name, receiver, positional, keyword, graph, awaited, position } = request;
    const step = this.turn.take("call", name);
    const decoder = new Decoder(graph, { style: "exact" });
    const given = [
      positional.map((operand) => decoder.value(operand)),
      new Map(keyword.map((argument) => [argument.name, decoder.value(argument.value)])),
    ];
    const labels = new Map();
    const due = [
      (step.positional ?? []).map((meaning) => toValue(meaning, labels)),
      new Map((step.keyword ?? []).map(([key, meaning]) => [key, toValue(meaning, labels)])),
    ];
    assert.equal(meaningOf(given), meaningOf(due));
    assert.deepEqual([name, receiver && toUuid(receiver), awaited], [step.call, step.receiver ?? undefined, step.awaited ?? false]);
    if (step.at !== undefined) assert.equal(this.#excerpt(position), step.at);
    assert.ok(!this.#ids.has(id), `two calls have the id ${id}`);
    // A call that is not found may be made under another name.
    if (step.reply !== "not-found") this.#ids.add(id);
    if (step.as !== undefined) this.#calls.set(step.as, id);
    if (step.reply !== "pending") return { tag: "answered", val: toAnswer(step.reply) };
    const pending = new PendingCall(step.as);
    this.#pending.set(step.as, pending);
    return { tag: "pending", val: pending };
  }

  getName(name) {
    const step = this.turn.take("get-name", name);
    assert.equal(name, step["get-name"]);
    return toValueReply(step.reply);
  }

  getAttribute(receiver, name) {
    const step = this.turn.take("get-attribute", name);
    assert.deepEqual([name, toUuid(receiver)], [step["get-attribute"], step.receiver]);
    return toValueReply(step.reply);
  }

  settle(calls, timeout) {
    const labels = calls.map(({ label }) => label);
    const step = this.turn.take("settle", labels.join(", "));
    assert.deepEqual(labels.toSorted(), step.settle.toSorted());
    assert.equal(timeout !== undefined, step.timeout ?? false, "whether there is a timeout");
    return (step.answers ?? []).map(([label, answer]) => ({ index: labels.indexOf(label), answer: toAnswer(answer) }));
  }

  print(stream, text) {
    const reply = this.turn.print(stream, text);
    if (reply?.raised !== undefined) throw failed(toException(reply.raised));
  }

  /** Whether no pending call of the code that ended is still held. */
  checkDropped() {
    const held = [...this.#pending].filter(([, { isDropped }]) => !isDropped).map(([label]) => label);
    assert.deepEqual(held, [], "pending calls are held after their turn");
    this.#pending.clear();
  }

  #excerpt({ filename, start, end }) {
    return new TextDecoder().decode(this.#sources.get(filename)?.subarray(start, end));
  }
}

function toAnswer(answer) {
  if (typeof answer === "string") return { tag: answer };
  if (answer.raised !== undefined) return { tag: "raised", val: toException(answer.raised) };
  return { tag: "value", val: encodeValue(toValue(answer.value)) };
}

function toValueReply(reply) {
  if (reply === "nothing") return undefined;
  if (reply.raised !== undefined) throw failed(toException(reply.raised));
  return encodeValue(toValue(reply.value));
}

function toException(exception) {
  return { typeName: exception["type-name"], message: exception.message ?? undefined };
}

/** Plays a script. */
export async function play(name, instantiate) {
  const { inputs = [], options = {}, turns } = readJson(`scripts/${name}.json`);
  const source = readText(`scripts/${name}.py`);
  const scene = new Play();
  const guarded = (method) => (...given) => scene.turn.guard(() => scene[method](...given));
  const unhandled = () => {
    throw failed({ tag: "unhandled" });
  };
  const { interpreter } = await instantiate(
    withVersions({
      "monty:sandbox/external-call": {
        PendingCall,
        call: guarded("call"),
        getName: guarded("getName"),
        getAttribute: guarded("getAttribute"),
        settle: guarded("settle"),
      },
      "monty:sandbox/os-call": Object.fromEntries([...OPERATIONS, "sleep"].map((operation) => [operation, unhandled])),
      "monty:sandbox/print": { write: guarded("print") },
      ...wasiImports({ hostMilliseconds: 0 }),
      // A sleep is over when the script's turn says so.
      "wasi:clocks/wall-clock": { now: () => ({ seconds: 0n, nanoseconds: 0 }) },
    }),
  );
  await new Stage(interpreter, scene, source, toInputs(inputs), toFields(options)).play(turns);
}

/** The interpreter's side of the turns: one run, or one session. */
class Stage {
  #interpreter;
  #scene;
  #source;
  #cells;
  #fed = 0;
  #inputs;
  #options;
  #session;
  #snapshot;

  constructor(interpreter, scene, source, inputs, options) {
    this.#interpreter = interpreter;
    this.#scene = scene;
    this.#source = source;
    this.#cells = source.split(/^# %%.*\n/m);
    this.#inputs = inputs;
    this.#options = options;
  }

  async play(turns) {
    const isSession = turns[0].does !== "run";
    if (isSession) this.#session = this.#interpreter.Session.create(this.#options);
    for (const turn of turns) {
      this.#scene.turn = new Turn(turn.steps);
      const ended = await this.#do(turn.does).then(
        (outcome) => this.#toEnd(outcome),
        (error) => {
          this.#scene.turn.throwError();
          if (error.payload === undefined) throw error;
          return this.#toFailure(error.payload, turn.ends);
        },
      );
      this.#scene.turn.finish();
      this.#scene.checkDropped();
      assert.deepEqual(ended, toDue(turn.ends));
    }
  }

  async #do(turn) {
    if (turn === "run") {
      this.#scene.addSource(this.#options.scriptName ?? "script.py", this.#source);
      return this.#interpreter.run(this.#source, { ...this.#options, inputs: this.#inputs });
    }
    if (turn === "feed") {
      const cell = this.#cells[this.#fed];
      this.#scene.addSource(`<python-input-${this.#fed}>`, cell);
      this.#fed += 1;
      return this.#session.feed(cell, { inputs: this.#fed === 1 ? this.#inputs : undefined });
    }
    if (turn === "restore") {
      this.#session = this.#interpreter.Session.restore(this.#session.dump());
      return undefined;
    }
    if (turn === "abandon") {
      this.#session.abandon();
      return undefined;
    }
    if (turn.call !== undefined) return this.#session.call(toCall(turn.call), {});
    const answers = turn.resume.map(([label, answer]) => ({ id: this.#scene.id(label), answer: toAnswer(answer) }));
    return this.#session === undefined ? this.#interpreter.resume(this.#snapshot, answers) : this.#session.resume(answers);
  }

  #toEnd(outcome) {
    if (outcome === undefined) return undefined;
    if (outcome.tag === "completed") return { completed: meaningOf(decodeValue(outcome.val, { style: "exact" })) };
    this.#snapshot = outcome.val.snapshot;
    return { suspended: outcome.val.calls.map(({ id }) => this.#scene.label(id)) };
  }

  /** A failure in the notation, with a traceback if one is due. */
  #toFailure(failure, due) {
    const { tag, val } = failure;
    if (tag === "limit-exceeded") return { [tag]: val.limit };
    if (tag !== "raised" && tag !== "invalid-source") return { [tag]: val };
    const { type, pythonMessage, traceback } = fromFailure(failure, () => undefined);
    const told = { "type-name": type, message: pythonMessage ?? null };
    return { [tag]: due?.[tag]?.traceback === undefined ? told : { ...told, traceback } };
  }
}

function toDue(ends) {
  return ends?.completed === undefined ? ends : { completed: meaningOf(toValue(ends.completed)) };
}

function toInputs(inputs) {
  if (inputs.length === 0) return undefined;
  const labels = new Map();
  const encoder = new Encoder();
  const values = encoder.named(new Map(inputs.map(([name, meaning]) => [name, toValue(meaning, labels)])));
  return { values, graph: encoder.finish() };
}

function toCall({ name, positional = [], keyword = [], awaits = false }) {
  const encoder = new Encoder();
  return {
    name,
    positional: positional.map((meaning) => encoder.operand(toValue(meaning))),
    keyword: encoder.named(new Map(keyword.map(([key, meaning]) => [key, toValue(meaning)]))),
    graph: encoder.finish(),
    awaits,
  };
}

/** Fields of a record with the names of the generated code. */
function toFields(record) {
  const toField = ([name, value]) => [name.replace(/-(.)/g, (_, letter) => letter.toUpperCase()), toOption(name, value)];
  return Object.fromEntries(Object.entries(record).map(toField));
}

function toOption(name, value) {
  if (name === "limits") return toFields(value);
  return name === "max-duration" || name === "max-memory" ? BigInt(value) : value;
}

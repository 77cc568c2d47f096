// The scripts of `conformance/scripts/` on the public side of this package: the calls
// that tools get, what is printed, and how a run ends.

import assert from "node:assert/strict";

import * as m from "../../src/index.js";
import { describe as meaningOf, toValue } from "./meanings.js";
import { readJson, readText } from "./kit.js";

/** What there is to play, or why a script is not for this package. */
export function read(name) {
  const script = { name, ...readJson(`scripts/${name}.json`), source: readText(`scripts/${name}.py`) };
  const steps = script.turns.flatMap((turn) => turn.steps ?? []);
  const isOwnName = (step) => step.reply === "nothing" || step.reply.value?.function?.name === step["get-name"];
  if (steps.some((step) => "get-name" in step && !isOwnName(step))) return { skip: "tools are all names that there are" };
  if (steps.some((step) => "get-attribute" in step && step.reply !== "nothing")) return { skip: "objects are sent with all attributes" };
  const answers = [...steps.map((step) => step.answers ?? []), ...script.turns.map(({ does }) => does.resume ?? [])].flat();
  if (answers.some(([, answer]) => answer === "not-found")) return { skip: "a tool that was called is there" };
  return script;
}

/** Whether a tool, or the print callback, sees a step. */
function isSeen(step) {
  return !("get-name" in step || "get-attribute" in step || step.reply === "not-found");
}

export async function play(monty, script) {
  await new Player(monty, script).play();
}

class Player {
  #monty;
  #script;
  #cells;
  #fed = 0;
  #steps = [];
  #printed = "";
  // Promises of pending calls by label, and identifiers of calls that wait.
  #open = new Map();
  #ids = new Map();
  #session;
  #suspension;
  // What went wrong in a tool: there it would be an exception of the script's.
  #error;

  constructor(monty, script) {
    this.#monty = monty;
    this.#script = script;
    this.#cells = script.source.split(/^# %%.*\n/m);
  }

  async play() {
    const { turns, options = {} } = this.#script;
    const configuration = {
      ...this.#options(),
      lineBuffered: options["line-buffered"],
      scriptName: options["script-name"],
      limits: toLimits(options.limits),
    };
    if (turns[0].does !== "run") this.#session = await this.#monty.session(configuration);
    for (const turn of turns) {
      this.#steps = (turn.steps ?? []).filter(isSeen);
      const ended = await this.#do(turn.does, configuration).then(
        (report) => this.#toEnd(report),
        (error) => toFailure(error, turn.ends),
      );
      if (this.#error !== undefined) throw this.#error;
      this.#finishPrint();
      assert.deepEqual(this.#steps, [], "steps are left");
      assert.deepEqual(ended, toDue(turn.ends));
    }
    await this.#session?.close();
  }

  async #do(turn, configuration) {
    if (turn === "run") return this.#monty.run(this.#script.source, { ...configuration, inputs: this.#inputs() });
    if (turn === "feed") {
      const inputs = this.#fed === 0 ? this.#inputs() : undefined;
      return this.#session.feed(this.#cells[this.#fed++], { inputs });
    }
    if (turn === "restore") {
      const bytes = await this.#session.dump();
      await this.#session.close();
      this.#session = await this.#monty.restore(bytes, this.#options());
      return undefined;
    }
    if (turn === "abandon") return this.#session.abandon();
    if (turn.call !== undefined) {
      const { name, positional = [], keyword = [], awaits } = turn.call;
      const named = new Map(keyword.map(([key, meaning]) => [key, toValue(meaning)]));
      return this.#session.call(name, positional.map((meaning) => toValue(meaning)), named, { awaits });
    }
    const answers = turn.resume.map(([label, answer]) => ({ id: this.#ids.get(label), ...toAnswer(answer) }));
    return this.#session === undefined
      ? this.#monty.resume(this.#suspension, answers, this.#options())
      : this.#session.resume(answers);
  }

  /** What goes with every turn. */
  #options() {
    return {
      tools: this.#tools((step) => step.receiver === undefined),
      print: (text, stream) => this.#print(text, stream),
      sleep: true,
      values: "exact",
    };
  }

  /** The tools that some steps call; those that are not found are none. */
  #tools(isWanted) {
    const steps = this.#script.turns.flatMap((turn) => turn.steps ?? []);
    const called = steps.filter((step) => "call" in step && isWanted(step) && step.reply !== "not-found");
    const tools = new Map();
    for (const { call: name } of called) {
      const isAsync = called.some((step) => step.call === name && step.reply === "pending");
      const handler = (...given) => this.#call(name, given);
      tools.set(name, isAsync ? m.asyncTool(handler) : handler);
    }
    return tools;
  }

  #inputs() {
    const labels = new Map();
    return new Map((this.#script.inputs ?? []).map(([name, meaning]) => [name, this.#withMethods(toValue(meaning, labels))]));
  }

  /** Gives a class, or that of an instance, the methods that the script calls. */
  #withMethods(value) {
    const owner = value instanceof m.Instance ? value.class : value;
    if (owner instanceof m.PyClass) {
      for (const [name, method] of this.#tools((step) => step.receiver !== undefined)) owner.methods.set(name, method);
    }
    return value;
  }

  #call(name, given) {
    try {
      this.#finishPrint();
      const step = this.#steps.shift();
      assert.equal(name, step?.call, `a call of ${name}`);
      const labels = new Map();
      const due = (step.positional ?? []).map((meaning) => toValue(meaning, labels));
      const keyword = new Map((step.keyword ?? []).map(([key, meaning]) => [key, toValue(meaning, labels)]));
      // Keyword arguments are one object after the others.
      const got = keyword.size === 0 ? given : [...given.slice(0, -1), new Map(Object.entries(given.at(-1)))];
      assert.equal(meaningOf(got), meaningOf(keyword.size === 0 ? due : [...due, keyword]));
      return this.#reply(step);
    } catch (error) {
      if (error instanceof assert.AssertionError) this.#error ??= error;
      throw error;
    }
  }

  #reply({ reply, as: label }) {
    if (reply === "pending") {
      const promise = new Promise((resolve, reject) => this.#open.set(label, { resolve, reject }));
      this.#settle();
      return promise;
    }
    const { value, error } = toAnswer(reply);
    this.#settle();
    if (error !== undefined) throw error;
    return this.#withMethods(value);
  }

  /** Gives the answers that are due next: the script asks for them when it can do nothing else. */
  #settle() {
    while (this.#steps[0]?.settle !== undefined) {
      for (const [label, answer] of this.#steps.shift().answers ?? []) {
        const { value, error } = toAnswer(answer);
        if (error === undefined) this.#open.get(label).resolve(value);
        else this.#open.get(label).reject(error);
      }
    }
  }

  #print(text, stream) {
    const kind = stream === "stdout" ? "print" : "print-error";
    this.#printed += text;
    const step = this.#steps[0];
    if (step?.reply?.raised !== undefined) {
      this.#finishPrint();
      throw toAnswer(step.reply).error;
    }
    if (this.#printed === step?.[kind]) this.#finishPrint();
  }

  #finishPrint() {
    if (this.#printed === "") return;
    const text = this.#printed;
    this.#printed = "";
    const { reply: _, ...step } = this.#steps.shift() ?? {};
    assert.deepEqual([text], Object.values(step));
    this.#settle();
  }

  #toEnd(report) {
    if (report === undefined) return undefined;
    if (report.suspension === undefined) return { completed: meaningOf(report.value) };
    this.#suspension = report.suspension;
    const waiting = this.#script.turns.flatMap((turn) => turn.steps ?? []).filter((step) => step.as !== undefined);
    const labels = report.suspension.calls.map(({ id, name, positional }) => {
      const step = waiting.find(
        (candidate) =>
          candidate.call === name &&
          meaningOf(positional) === meaningOf((candidate.positional ?? []).map((meaning) => toValue(meaning))),
      );
      this.#ids.set(step?.as, id);
      return step?.as;
    });
    return { suspended: labels };
  }
}

function toAnswer(answer) {
  if (answer === "suspend") return { value: m.suspend };
  if (answer.raised !== undefined) {
    return { error: new m.PythonError(answer.raised["type-name"], answer.raised.message ?? undefined) };
  }
  return { value: toValue(answer.value) };
}

function toDue(ends) {
  return ends?.completed === undefined ? ends : { completed: meaningOf(toValue(ends.completed)) };
}

const KINDS = { script: "raised", host: "raised", source: "invalid-source" };

function toFailure(error, due) {
  if (error.kind === "limit") return { "limit-exceeded": error.limit };
  const tag = KINDS[error.kind];
  if (tag === undefined) throw error;
  const told = { "type-name": error.type, message: error.pythonMessage ?? null };
  return { [tag]: due?.[tag]?.traceback === undefined ? told : { ...told, traceback: error.traceback } };
}

/** Limits of the WIT, with the names and units of this package. */
function toLimits(limits) {
  if (limits === undefined) return undefined;
  const { "max-duration": duration, "max-memory": memoryBytes, "max-recursion-depth": recursionDepth } = limits;
  return {
    durationMs: duration === undefined ? undefined : Number(duration) / 1e6,
    memoryBytes: memoryBytes === undefined ? undefined : Number(memoryBytes),
    recursionDepth,
  };
}

// The component's imports. They are bound once for an instance, so they work on
// `slot.run`, the run that the instance is busy with.

import { Decoder, toUuid } from "./decode.js";
import { encodeValue } from "./encode.js";
import { MontyError, PythonError, toException } from "./errors.js";
import { CapError, GraphError, plainBytes, tooLarge } from "./graph.js";
import { OPERATIONS, failed, serve } from "./os.js";
import { asTool, invoke, suspend } from "./tools.js";
import { HostFunction } from "./values.js";
import { wasiImports } from "./wasi.js";

const SUSPEND = Object.freeze({ tag: "suspend" });

export function makeImports(slot) {
  const imports = {
    "monty:sandbox/external-call": {
      call: (request) => inHost(slot, () => call(slot.run, request)),
      lookup: (request) => inHost(slot, () => lookup(slot.run, request)),
      settle: (ids, timeout) => {
        if (!slot.run.canBlock) return settleNow(slot.run, ids);
        return inHostAsync(slot, () => settle(slot.run, ids, timeout));
      },
    },
    "monty:sandbox/os-call": {
      ...Object.fromEntries(
        OPERATIONS.map((name) => [name, (...given) => inHost(slot, () => operate(slot.run, name, given))]),
      ),
      sleep: (micros) =>
        slot.run.canBlock ? inHostAsync(slot, () => sleepAsync(slot.run, micros)) : inHost(slot, () => sleepSync(slot.run, micros)),
    },
    "monty:sandbox/print": { write: (stream, text) => inHost(slot, () => slot.run.write(stream, text)) },
    ...wasiImports(slot),
  };
  return withVersions(imports);
}

/**
 * Finds an import with and without the version in its name: the types that jco
 * generates have it, the code that it generates does not.
 */
export function withVersions(imports) {
  return new Proxy(imports, {
    get: (target, name) => target[name] ?? target[String(name).replace(/@[^@]*$/, "")],
  });
}

function inHost(slot, work) {
  const start = performance.now();
  try {
    return work();
  } finally {
    slot.hostMilliseconds += performance.now() - start;
  }
}

/** The same for an import that suspends the stack. */
async function inHostAsync(slot, work) {
  const start = performance.now();
  const { run } = slot;
  try {
    return await work();
  } catch (error) {
    // A rejection without a payload would leave the export pending for ever:
    // what ends the run ends it from outside, and the stack stays suspended.
    if (run.fault !== undefined) return new Promise(() => {});
    throw error;
  } finally {
    slot.hostMilliseconds += performance.now() - start;
  }
}

function call(run, request) {
  run.countCall();
  const { id, name, receiver } = request;
  const target = receiver === undefined ? undefined : run.objects.get(toUuid(receiver));
  const found = asTool(receiver === undefined ? run.tools.get(name) : findMethod(target, name));
  if (found === undefined) return { tag: "not-found" };
  const { positional, keyword, bytes } = decodeArguments(run, request);
  let result;
  try {
    result = invoke(name, found, target, positional, keyword);
  } catch (error) {
    return settled(run, request, found, raised(run, error));
  }
  if (result === suspend) {
    return found.isAsync ? settled(run, request, found, SUSPEND) : suspendCall(run, id);
  }
  if (typeof result?.then !== "function") return settled(run, request, found, toAnswer(run, result));
  if (run.isSync) {
    throw run.abandon(
      new MontyError("request", `the tool ${name}() returned a promise: runSync() cannot wait for it, run() can`),
    );
  }
  const answer = result.then(
    (value) => (value === suspend ? SUSPEND : toAnswer(run, value)),
    (error) => raised(run, error),
  );
  run.calls.start(id, answer, bytes);
  if (found.isAsync || (request.awaited && run.canBlock)) return { tag: "pending" };
  return suspendCall(run, id);
}

/** The answer to a call that is done. An `async def` that is not awaited at once gives an awaitable. */
function settled(run, request, { isAsync }, answer) {
  if (!isAsync) return answer;
  if (request.awaited) return answer === SUSPEND ? suspendCall(run, request.id) : answer;
  run.calls.done(request.id, answer);
  return { tag: "pending" };
}

function suspendCall(run, id) {
  run.inPlace = id;
  return SUSPEND;
}

function findMethod(target, name) {
  if (target === undefined) return undefined;
  const methods = (target.class ?? target).methods;
  return methods instanceof Map ? methods.get(name) : undefined;
}

function lookup(run, { name, receiver }) {
  run.countCall();
  if (receiver !== undefined) return { tag: "not-found" };
  const found = asTool(run.tools.get(name));
  if (found === undefined) return { tag: "not-found" };
  return toAnswer(run, new HostFunction(name, found.docstring));
}

/** Without a way to wait: what is done is answered, the rest when the run is over. */
function settleNow(run, ids) {
  return Array.from(ids, (id) => ({ id, answer: run.calls.take(id) ?? SUSPEND }));
}

/** Waits until a call is done or the time is over. */
async function settle(run, ids, timeoutMicros) {
  const list = Array.from(ids);
  const isDone = () => list.some((id) => run.calls.isDone(id));
  if (!isDone()) await run.wait(list, timeoutMicros === undefined ? undefined : Number(timeoutMicros) / 1000);
  run.checkSignal();
  return list.filter((id) => run.calls.isDone(id)).map((id) => ({ id, answer: run.calls.take(id) }));
}

function operate(run, name, given) {
  run.countCall();
  checkPlain(run, `the arguments of os.${name}() take`, given);
  let result;
  try {
    result = serve(name, run.os, given, run);
  } catch (error) {
    throw error instanceof CapError ? run.refuse(error) : error;
  }
  if (typeof result?.then === "function") {
    result.then(undefined, () => {});
    throw run.abandon(new MontyError("request", `os.${name}() returned a promise: it must return its result`));
  }
  checkPlain(run, `the result of os.${name}() takes`, result);
  return result;
}

async function sleepAsync(run, micros) {
  run.countCall();
  if (!run.maySleep) throw failed({ tag: "unhandled" });
  await run.wait([], Number(micros) / 1000);
  run.checkSignal();
}

function sleepSync(run, micros) {
  run.countCall();
  if (!run.maySleep) throw failed({ tag: "unhandled" });
  const cell = new Int32Array(new SharedArrayBuffer(4));
  Atomics.wait(cell, 0, 0, Number(micros) / 1000);
}

function decodeArguments(run, { positional, keyword, graph }) {
  try {
    const decoder = new Decoder(graph, { style: run.style, caps: run.caps });
    const decoded = {
      positional: positional.map((operand) => decoder.value(operand)),
      keyword: keyword.map((argument) => [argument.name, decoder.value(argument.value)]),
    };
    return { ...decoded, bytes: decoder.takenBytes };
  } catch (error) {
    throw run.refuse(error);
  }
}

/** What a host's function returned, as an answer. */
export function toAnswer(run, value) {
  try {
    return { tag: "value", val: encodeValue(value, { objects: run.objects, caps: run.caps }) };
  } catch (error) {
    if (error instanceof CapError) throw run.refuse(error);
    if (!(error instanceof GraphError)) return raised(run, error);
    return raised(run, new PythonError("ValueError", `the host's value cannot cross: ${error.message}`));
  }
}

/** What a host's function threw, as an answer. */
export function raised(run, error) {
  // An error that ends the run goes on through the component.
  if (run.fault !== undefined && error === run.fault) throw error;
  const exception = toException(error);
  checkPlain(run, "the exception takes", exception.message);
  return { tag: "raised", val: exception };
}

/** Checks texts, bytes and lists of them that cross outside of a graph. */
function checkPlain(run, what, value) {
  const { caps } = run;
  if (plainBytes(value, caps.expandedBytes) > caps.expandedBytes) throw run.refuse(tooLarge(what, caps));
}

// The component's imports. They are bound once per instance, so they serve `slot.run`,
// the instance's current run.

import { CallContext, PendingCall } from "./calls.js";
import { Decoder, toUuid } from "./decode.js";
import { encodeValue } from "./encode.js";
import { MontyError, PythonError, toException } from "./errors.js";
import { CapError, GraphError, plainBytes, requestBytes, tooLarge } from "./graph.js";
import { toMilliseconds } from "./moments.js";
import { OPERATIONS, failed, serve } from "./os.js";
import { asTool, invoke, suspend } from "./tools.js";
import { HostFunction } from "./values.js";
import { wasiImports } from "./wasi.js";

const SUSPEND = Object.freeze({ tag: "suspend" });

export function makeImports(slot) {
  const imports = {
    "monty:sandbox/external-call": {
      PendingCall,
      call: (request) => inHost(slot, (run) => call(run, request)),
      getName: (name) => inHost(slot, (run) => getName(run, name)),
      getAttribute: () => inHost(slot, getAttribute),
      settle: (calls, timeout) => {
        if (!slot.run.canBlock) return settleNow(slot.run, calls);
        return inHostAsync(slot, (run) => settle(run, calls, timeout));
      },
    },
    "monty:sandbox/os-call": {
      ...Object.fromEntries(
        OPERATIONS.map((name) => [name, (...given) => inHost(slot, (run) => operate(run, name, given))]),
      ),
      sleep: (duration) =>
        slot.run.canBlock
          ? inHostAsync(slot, (run) => sleepAsync(run, toMilliseconds(duration)))
          : inHost(slot, (run) => sleepSync(run, toMilliseconds(duration))),
    },
    "monty:sandbox/print": { write: (stream, text) => inHost(slot, (run) => run.write(stream, text)) },
    ...wasiImports(slot),
  };
  return withVersions(imports);
}

/** Finds imports with and without a version in their name: versions of jco differ in which they ask for. */
export function withVersions(imports) {
  return new Proxy(imports, {
    get: (target, name) => target[name] ?? target[String(name).replace(/@[^@]*$/, "")],
  });
}

function inHost(slot, work) {
  const { run } = slot;
  const start = performance.now();
  try {
    const result = run.working(() => work(run));
    run.checkTime();
    return result;
  } finally {
    slot.hostMilliseconds += performance.now() - start;
  }
}

/** The same for an import that suspends the stack. */
async function inHostAsync(slot, work) {
  const { run } = slot;
  const start = performance.now();
  try {
    return await work(run);
  } catch (error) {
    // A rejection without a payload would leave the export pending forever. The run
    // ends from outside instead, and the stack stays suspended.
    if (run.fault !== undefined) return new Promise(() => {});
    throw error;
  } finally {
    slot.hostMilliseconds += performance.now() - start;
  }
}

function call(run, request) {
  run.countCall();
  const { id, name } = request;
  const { target, found } = findTool(run, request);
  if (found === undefined) return answered(run, { tag: "not-found" });
  if (found.forward !== undefined) return forward(run, request, found);
  const { positional, keyword, bytes } = decodeArguments(run, request);
  const context = found.takesSignal ? new CallContext(name) : undefined;
  let result;
  try {
    result = run.waiting(() => invoke(name, found, target, positional, keyword, context));
  } catch (error) {
    return done(run, request, found, raised(run, error));
  }
  if (result === suspend) {
    return found.isAsync ? done(run, request, found, SUSPEND) : suspendCall(run, id);
  }
  if (typeof result?.then !== "function") return done(run, request, found, toAnswer(run, result));
  if (run.isSync) {
    ignoreRejection(result);
    throw run.abandon(
      new MontyError("request", `the tool ${name}() returned a promise: runSync() cannot wait for it, run() can`),
    );
  }
  const pending = run.calls.start(
    id,
    context,
    bytes,
    result,
    (value) => (value === suspend ? SUSPEND : run.working(() => toAnswer(run, value))),
    (error) => raised(run, error),
  );
  if (found.isAsync || (request.awaited && run.canBlock)) return { tag: "pending", val: pending };
  return suspendCall(run, id);
}

/** Finds what a call is of, and the object whose method it is. */
function findTool(run, { name, receiver }) {
  if (receiver === undefined) return { found: asTool(run.tools.get(name)) };
  const target = run.objects.get(toUuid(receiver));
  return { target, found: findMethod(target, name) ?? run.forwardedMethods };
}

/** Passes a call on as it is, to the thread that has the tool. `forward` returns a promise of the answer. */
function forward(run, request, found) {
  const bytes = requestBytes(request);
  if (bytes > run.caps.expandedBytes) throw run.refuse(tooLarge("the arguments take", run.caps));
  const { answer, context } = found.forward(request);
  const fail = (error) => {
    throw error;
  };
  const pending = run.calls.start(request.id, context, bytes, answer, (value) => value, fail);
  if (found.isAsync || (request.awaited && run.canBlock)) return { tag: "pending", val: pending };
  return suspendCall(run, request.id);
}

/** Answers a call that another thread forwarded. Throws what ends the run. */
export async function answerForwarded(run, request, context) {
  const { target, found } = findTool(run, request);
  if (found === undefined) return { tag: "not-found" };
  const { positional, keyword } = run.working(() => decodeArguments(run, request));
  run.checkTime();
  let result;
  try {
    result = await invoke(request.name, found, target, positional, keyword, found.takesSignal ? context : undefined);
  } catch (error) {
    return raised(run, error);
  }
  const answer = result === suspend ? SUSPEND : run.working(() => toAnswer(run, result));
  run.checkTime();
  return answer;
}

/** The reply to an answered call. An `async def` that is not awaited on the spot returns an awaitable. */
function done(run, request, { isAsync }, answer) {
  if (isAsync && !request.awaited) return { tag: "pending", val: run.calls.answered(request.id, answer) };
  return answer === SUSPEND ? suspendCall(run, request.id) : answered(run, answer);
}

function answered(run, answer) {
  if (answer.tag === "raised") run.delivers([answer]);
  return { tag: "answered", val: answer };
}

function suspendCall(run, id) {
  run.inPlace = id;
  return answered(run, SUSPEND);
}

function findMethod(target, name) {
  if (target === undefined) return undefined;
  const methods = (target.class ?? target).methods;
  return methods instanceof Map ? asTool(methods.get(name)) : undefined;
}

function getName(run, name) {
  run.countCall();
  const found = asTool(run.tools.get(name));
  return found && encodeValue(new HostFunction(name, found.docstring), { caps: run.caps });
}

/** An object of the host is sent with all its attributes. */
function getAttribute(run) {
  run.countCall();
  return undefined;
}

/** For code that cannot wait: answers what has arrived, and suspends the run for the rest. */
function settleNow(run, calls) {
  const settled = calls.map((call, index) => {
    const answer = run.calls.take(call);
    if (answer === undefined) call.isSuspended = true;
    return { index, answer: answer ?? SUSPEND };
  });
  run.delivers(settled.map(({ answer }) => answer));
  return settled;
}

/** Waits until a call is answered or the timeout passes. */
async function settle(run, calls, timeout) {
  await run.wait(calls, timeout === undefined ? undefined : toMilliseconds(timeout));
  run.checkGoing();
  const settled = [];
  calls.forEach((call, index) => {
    if (call.isDone) settled.push({ index, answer: run.calls.take(call) });
  });
  run.delivers(settled.map(({ answer }) => answer));
  return settled;
}

function operate(run, name, given) {
  run.countCall();
  checkPlain(run, `the arguments of os.${name}() take`, given);
  let result;
  try {
    result = serve(name, run.os, given, run);
  } catch (error) {
    if (error instanceof CapError) throw run.refuse(error);
    const { tag, val } = error.payload;
    if (tag === "raised") {
      checkPlain(run, "the exception takes", val.message);
      run.delivers([{ tag, val, cause: error.cause }]);
    }
    throw error;
  }
  if (typeof result?.then === "function") {
    ignoreRejection(result);
    throw run.abandon(new MontyError("request", `os.${name}() returned a promise: it must return its result`));
  }
  checkPlain(run, `the result of os.${name}() takes`, result);
  return result;
}

async function sleepAsync(run, milliseconds) {
  run.countCall();
  if (!run.maySleep) throw failed({ tag: "unhandled" });
  await run.wait([], milliseconds);
  run.checkGoing();
}

function sleepSync(run, milliseconds) {
  run.countCall();
  if (!run.maySleep) throw failed({ tag: "unhandled" });
  const cell = new Int32Array(new SharedArrayBuffer(4));
  // A sleep beyond the limit ends when the remaining time has passed.
  run.waiting(() => Atomics.wait(cell, 0, 0, Math.min(milliseconds, run.waitLeft + 1)));
}

/** Handles a rejection that nothing waits for. */
export function ignoreRejection(promise) {
  Promise.resolve(promise).catch(() => {});
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

/** The answer for what a function of the host returned. */
export function toAnswer(run, value) {
  try {
    return { tag: "value", val: encodeValue(value, { objects: run.objects, caps: run.caps }) };
  } catch (error) {
    if (error instanceof CapError) throw run.refuse(error);
    if (!(error instanceof GraphError)) return raised(run, error);
    return raised(run, new PythonError("ValueError", `the tool's value cannot be sent to the script: ${error.message}`));
  }
}

/** The answer for what a function of the host threw. */
export function raised(run, error) {
  // An error that ends the run unwinds through the component.
  if (run.fault !== undefined && error === run.fault) throw error;
  const exception = toException(error);
  checkPlain(run, "the exception takes", exception.message);
  return { tag: "raised", val: exception, cause: error };
}

/** Checks the size of texts, bytes and lists of them outside a graph. */
function checkPlain(run, what, value) {
  const { caps } = run;
  if (plainBytes(value, caps.expandedBytes) > caps.expandedBytes) throw run.refuse(tooLarge(what, caps));
}

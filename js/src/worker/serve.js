// The worker's side: runs scripts, and forwards the calls of tools to the other thread.

import { GIVE_UP } from "../calls.js";
import { compilePacked } from "../compile.js";
import { createEngine } from "../engine.js";
import { PythonError, fromErrorData, toErrorData } from "../errors.js";
import { CHANGES, LOAD, MemoryFiles, SAVE } from "../files.js";
import { Run } from "../run.js";
import { makeTool } from "../tools.js";

/**
 * Serves the other thread through `port`. `modules` is the module `modules.js`; `os`
 * and `tools` are the worker's own.
 */
export function serve(port, modules, { os, tools = new Map() } = {}) {
  const server = new Server(port, modules, os, tools);
  port.listen((message) => server.receive(message));
}

class Server {
  #port;
  #modules;
  #os;
  #tools;
  #engine;
  #requests = new Map();
  #sessions = new Map();

  constructor(port, modules, os, tools) {
    this.#port = port;
    this.#modules = modules;
    this.#os = os;
    this.#tools = tools;
  }

  receive(message) {
    switch (message.type) {
      case "start":
        return this.#start(message);
      case "request":
        return this.#serve(message);
      case "answer":
        return this.#requests.get(message.request)?.answer(message);
      case "printed":
        return this.#requests.get(message.request)?.printed(message);
      case "interrupt":
        return this.#requests.get(message.request)?.interrupt();
      case "ping":
        return this.#port.post({ type: "pong", number: message.number });
    }
  }

  #start({ module, packed, options }) {
    const modules = this.#modules;
    const load = async () => ({ modules, interpreter: module ?? (await compilePacked(packed)) });
    this.#engine = createEngine(load, options);
  }

  async #serve(message) {
    const request = new Request(this.#port, message);
    this.#requests.set(message.id, request);
    let reply;
    try {
      reply = { type: "done", ...(await this.#perform(request, message)) };
    } catch (error) {
      reply = { type: "failed", error: toErrorData(error) };
    } finally {
      this.#requests.delete(message.id);
    }
    this.#port.post({ ...reply, id: message.id, files: request.changedFiles() });
  }

  async #perform(request, { method, run: options, given, session }) {
    const open = this.#sessions.get(session);
    if (open !== undefined) return this.#inSession(request, method, given, session, open);
    switch (method) {
      case "prepare":
        return { value: await this.#engine.prepare() };
      case "run":
        return this.#engine.drive(this.#makeRun(request, options), (interpreter) => interpreter.run(given.source, given.options));
      case "resume":
        return this.#engine.drive(this.#makeRun(request, options), (interpreter) => interpreter.resume(given.snapshot, given.answers));
      case "ask":
        return { value: await this.#engine.ask(new Run(), (interpreter) => interpreter[given.name](...given.arguments)) };
      case "session":
        return this.#open(request, options, session, (interpreter) => interpreter.Session.create(given.options));
      case "restore":
        return this.#open(request, options, session, (interpreter) => interpreter.Session.restore(given.snapshot));
    }
  }

  #makeRun(request, options) {
    return new WorkerRun(request, { ...options, os: request.os ?? this.#os, tools: this.#toolsOf(options) });
  }

  /** The worker's own tools, and those of the other thread by their names. */
  #toolsOf({ tools }) {
    return new Map([...this.#tools, ...tools.map(({ name, ...described }) => [name, described])]);
  }

  async #open(request, options, id, make) {
    const run = this.#makeRun(request, options);
    const session = await this.#engine.open(run, make);
    this.#sessions.set(id, { run, session });
    return {};
  }

  async #inSession(request, method, given, id, { run, session }) {
    if (method === "close") {
      this.#sessions.delete(id);
      return { value: session.close() };
    }
    if (method === "abandon" || method === "functions" || method === "dump") return { value: session[method]() };
    run.serves(request, request.os ?? this.#os);
    run.begin(given.limits);
    switch (method) {
      case "feed":
        return session.drive((resource) => resource.feed(given.source, given.options));
      case "call":
        return session.drive((resource) => resource.call(given.call, given.options));
      default:
        run.restart();
        return session.drive((resource) => resource.resume(run.takeAnswers(given.answers)));
    }
  }
}

/** A request of the other thread, and the calls and prints it sends back. */
class Request {
  #port;
  #id;
  #controller = new AbortController();
  #calls = new Map();
  #prints = new Map();
  #nextId = 0;
  #changes;
  /** The files that came with it. */
  os;

  constructor(port, { id, files }) {
    this.#port = port;
    this.#id = id;
    if (files === undefined) return;
    this.os = new MemoryFiles();
    MemoryFiles[LOAD](this.os, files);
    this.#changes = MemoryFiles[CHANGES](this.os);
  }

  get signal() {
    return this.#controller.signal;
  }

  /** Calls a tool of the other thread: a promise of its answer, and the context that gives it up. */
  call(request) {
    const call = this.#nextId++;
    const answer = new Promise((resolve, reject) => this.#calls.set(call, { resolve, reject }));
    this.#post({ type: "call", call, content: request });
    return { answer, context: { [GIVE_UP]: () => this.#post({ type: "give-up", call }) } };
  }

  /** Prints in the other thread: a promise that settles as its callback does. */
  print(text, stream) {
    const print = this.#nextId++;
    const printed = new Promise((resolve, reject) => this.#prints.set(print, { resolve, reject }));
    this.#post({ type: "print", print, text, stream });
    return printed;
  }

  answer({ call, answer, fault }) {
    const { resolve, reject } = this.#calls.get(call);
    this.#calls.delete(call);
    if (fault === undefined) resolve(answer);
    else reject(fromErrorData(fault));
  }

  printed({ print, exception }) {
    const { resolve, reject } = this.#prints.get(print);
    this.#prints.delete(print);
    if (exception === undefined) resolve();
    else reject(new PythonError(exception.typeName, exception.message));
  }

  interrupt() {
    this.#controller.abort();
  }

  /** The files, if the script changed them. */
  changedFiles() {
    if (this.os === undefined || MemoryFiles[CHANGES](this.os) === this.#changes) return undefined;
    return MemoryFiles[SAVE](this.os);
  }

  #post(message) {
    this.#port.post({ ...message, request: this.#id });
  }
}

/** A run whose values, tools and prints belong to the other thread. */
class WorkerRun extends Run {
  #request;
  #hasPrint;

  constructor(request, { hasPrint, tools, ...options }) {
    const forward = (call) => this.#request.call(call);
    const described = Array.from(tools, ([name, tool]) => [name, tool.isForwarded ? makeTool({ ...tool, forward }) : tool]);
    super({ ...options, tools: new Map(described) });
    this.#hasPrint = hasPrint;
    /** The tool that forwards methods of the other thread's objects. */
    this.forwardedMethods = makeTool({ forward });
    this.serves(request, options.os);
  }

  /** Continues with another request. */
  serves(request, os) {
    this.#request = request;
    this.os = os;
    this.signal = request.signal;
    this.print = this.#hasPrint ? (text, stream) => this.#request.print(text, stream) : undefined;
  }

  /** Takes encoded answers from outside. */
  takeAnswers(answers) {
    for (const { id } of answers) {
      if (id === this.inPlace) this.inPlace = undefined;
    }
    return answers;
  }

  /** How the run ended, for the other thread. */
  toReport(outcome) {
    return { outcome, printed: this.printed, calls: this.callCount };
  }
}

// A worker as the two things that both kinds of workers have: it is sent messages, and
// it sends some.

/** A worker of the web, or of `node:worker_threads`. */
export class Port {
  #worker;

  constructor(worker) {
    this.#worker = worker;
  }

  post(message) {
    this.#worker.postMessage(message);
  }

  /** Calls `receive` with each message, and `fail` with the reason if the worker ends by itself. */
  listen(receive, fail) {
    const worker = this.#worker;
    if (typeof worker.addEventListener === "function") {
      worker.addEventListener("message", ({ data }) => receive(data));
      worker.addEventListener("error", (event) => {
        event.preventDefault?.();
        fail(event.message || "its script did not load. Under a Content-Security-Policy without `blob:`, pass createMonty() a `worker`");
      });
      worker.addEventListener("messageerror", () => fail("a message could not be read"));
    } else {
      worker.on("message", receive);
      worker.on("error", (error) => fail(error?.message ?? String(error)));
      worker.on("exit", (code) => fail(`it exited with code ${code}`));
    }
  }

  /** Whether the worker keeps the process alive, where there is one. */
  hold(isHeld) {
    if (isHeld) this.#worker.ref?.();
    else this.#worker.unref?.();
  }

  terminate() {
    this.#worker.terminate();
  }
}

/** The other thread, as a worker of the web sees it. */
export function webPort(scope = globalThis) {
  return {
    post: (message) => scope.postMessage(message),
    listen: (receive) => scope.addEventListener("message", ({ data }) => receive(data)),
  };
}

/** The other thread, as a worker of `node:worker_threads` sees it. */
export function nodePort(parentPort) {
  return {
    post: (message) => parentPort.postMessage(message),
    listen: (receive) => parentPort.on("message", receive),
  };
}

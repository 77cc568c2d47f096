// One interface for the workers of the web and of `node:worker_threads`.

/** A worker of the web, or of `node:worker_threads`. */
export class Port {
  #worker;

  constructor(worker) {
    this.#worker = worker;
  }

  post(message) {
    this.#worker.postMessage(message);
  }

  /** Calls `receive` with each message, and `fail` with the reason if the worker fails or exits. */
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

  /** Sets whether the worker keeps the process alive. */
  hold(isHeld) {
    if (isHeld) this.#worker.ref?.();
    else this.#worker.unref?.();
  }

  terminate() {
    this.#worker.terminate();
  }
}

/** The other thread, from a worker of the web. */
export function webPort(scope = globalThis) {
  return {
    post: (message) => scope.postMessage(message),
    listen: (receive) => scope.addEventListener("message", ({ data }) => receive(data)),
  };
}

/** The other thread, from a worker of `node:worker_threads`. */
export function nodePort(parentPort) {
  return {
    post: (message) => parentPort.postMessage(message),
    listen: (receive) => parentPort.on("message", receive),
  };
}

import { Worker } from "node:worker_threads";

import { program } from "./program.js";

console.log(await program(() => new Worker(new URL("./worker.js", import.meta.url))));

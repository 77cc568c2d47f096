// A program that leaves its worker running: it ends all the same.

import { createMonty } from "monty-host/worker";

const monty = await createMonty();
const stopped = await monty.run("while True: pass", { signal: AbortSignal.timeout(100) }).catch((error) => error.kind);
console.log(stopped, (await monty.run("6 * 7")).value);

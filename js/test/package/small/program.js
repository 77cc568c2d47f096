import * as lazy from "monty-host/lazy";
import * as worker from "monty-host/worker";
import { run } from "../run.js";

export async function program() {
  const monty = await worker.createMonty();
  try {
    return { lazy: await run(lazy, await lazy.createMonty()), worker: await run(worker, monty) };
  } finally {
    monty.terminate();
  }
}

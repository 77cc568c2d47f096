import { program } from "./program.js";
import { show } from "../show.js";

async function inWorker() {
  const worker = new Worker(new URL("./worker.js", import.meta.url), { type: "module" });
  const answer = await new Promise((resolve, reject) => {
    worker.addEventListener("message", ({ data }) => resolve(data));
    worker.addEventListener("error", (event) => reject(new Error(event.message || "the worker failed")));
  });
  worker.terminate();
  return answer;
}

show(async () => ({ page: await program(), worker: await inWorker() }));

import { createMonty } from "monty-host/worker";

/** Runs a script with what `startWorker` starts, under this page's policy. */
export async function program(startWorker) {
  const monty = await createMonty({ worker: startWorker });
  const { value } = await monty.run("mark(shout(open('/secret').read()))", { tools: { mark: (text) => `${text}!` } });
  monty.dispose();
  return value;
}

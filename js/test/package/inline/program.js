import * as package_ from "monty-host";
import { run } from "../run.js";

export async function program() {
  return run(package_, await package_.createMonty());
}

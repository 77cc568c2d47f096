import { program } from "./program.js";

program().then(
  (result) => postMessage(result),
  (error) => postMessage(String(error)),
);

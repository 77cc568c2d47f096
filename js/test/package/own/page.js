import { program } from "./program.js";
import { show } from "../show.js";

show(() => program(() => new Worker(new URL("./worker.js", import.meta.url), { type: "module" })));

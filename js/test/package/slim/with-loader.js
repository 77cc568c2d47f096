import * as package_ from "monty-host/slim";
import url from "monty-host/monty.wasm";
import { run } from "../run.js";
import { show } from "../show.js";

show(async () => ({ page: await run(package_, await package_.createMonty({ module: fetch(url) })) }));

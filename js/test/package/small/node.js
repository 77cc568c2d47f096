import { program } from "./program.js";

program().then((result) => console.log(JSON.stringify(result)));

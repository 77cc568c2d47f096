import { program } from "./program.js";
import { show } from "../show.js";

show(program);

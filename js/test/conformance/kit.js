// The data of `conformance/`, from this repository.

import { readFileSync, readdirSync } from "node:fs";

const root = new URL("../../../conformance/", import.meta.url);

/** The names of the files of a folder that end like this, without the ending. */
export function names(folder, ending) {
  const files = readdirSync(new URL(`${folder}/`, root)).filter((file) => file.endsWith(ending));
  return files.map((file) => file.slice(0, -ending.length)).toSorted();
}

export function readText(path) {
  return readFileSync(new URL(path, root), "utf8");
}

export function readJson(path) {
  return JSON.parse(readText(path));
}

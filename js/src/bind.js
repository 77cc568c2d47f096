// Binds the arguments of a call to named parameters, with the checks and the messages
// of CPython 3.13, in its order.

import { PythonError } from "./errors.js";

/** The kinds of parameters. */
export const POSITIONAL = "positional";
export const VAR_POSITIONAL = "var-positional";
export const KEYWORD_ONLY = "keyword-only";
export const VAR_KEYWORD = "var-keyword";

export const PARAMETERS = {
  wants: 'an array of names, [name, default], "*", "*args" and "**kwargs", in Python\'s order',
  accepts: (value) => Array.isArray(value) && value.every(isParameter) && isInOrder(value),
};

function isParameter(value) {
  if (typeof value === "string") return value !== "**";
  return Array.isArray(value) && value.length === 2 && typeof value[0] === "string";
}

function isInOrder(given) {
  const stars = given.findIndex((value) => typeof value === "string" && /^\*(?!\*)/.test(value));
  const rest = given.findIndex((value) => typeof value === "string" && value.startsWith("**"));
  if (given.filter((value) => typeof value === "string" && /^\*(?!\*)/.test(value)).length > 1) return false;
  if (rest >= 0 && rest !== given.length - 1) return false;
  const byPlace = given.slice(0, stars >= 0 ? stars : rest >= 0 ? rest : given.length);
  const firstDefault = byPlace.findIndex((value) => Array.isArray(value));
  if (firstDefault >= 0 && byPlace.slice(firstDefault).some((value) => !Array.isArray(value))) return false;
  const names = given.map((value) => (Array.isArray(value) ? value[0] : value).replace(/^\*+/, "")).filter((name) => name !== "");
  return new Set(names).size === names.length;
}

/** Parameters that were checked, as objects. */
export function toParameters(given) {
  let kind = POSITIONAL;
  const parameters = [];
  for (const value of given) {
    if (Array.isArray(value)) {
      parameters.push({ name: value[0], kind, default: value[1], isOptional: true });
    } else if (value.startsWith("**")) {
      parameters.push({ name: value.slice(2), kind: VAR_KEYWORD, isOptional: true });
    } else if (value.startsWith("*")) {
      kind = KEYWORD_ONLY;
      if (value !== "*") parameters.push({ name: value.slice(1), kind: VAR_POSITIONAL, isOptional: true });
    } else {
      parameters.push({ name: value, kind, isOptional: false });
    }
  }
  return parameters;
}

/**
 * The arguments in the order of the parameters: for `*args` an array, for `**kwargs` an
 * object without a prototype. `keyword` has pairs of a name and a value.
 */
export function bind(name, parameters, positional, keyword) {
  const places = parameters.filter(({ kind }) => kind === POSITIONAL).length;
  const bound = new Array(parameters.length);
  const isBound = parameters.map(({ kind }, index) => kind === POSITIONAL && index < positional.length);
  const others = Object.create(null);
  parameters.forEach(({ kind }, index) => {
    if (isBound[index]) bound[index] = positional[index];
    if (kind === VAR_POSITIONAL) bound[index] = positional.slice(places);
    if (kind === VAR_KEYWORD) bound[index] = others;
  });
  const hasOthers = parameters.some(({ kind }) => kind === VAR_KEYWORD);
  for (const [key, value] of keyword) {
    const index = parameters.findIndex((parameter) => parameter.name === key && isNamed(parameter));
    if (index < 0 && !hasOthers) throw typeError(`${name}() got an unexpected keyword argument '${key}'${guess(key, parameters)}`);
    if (index < 0) {
      others[key] = value;
      continue;
    }
    if (isBound[index]) throw typeError(`${name}() got multiple values for argument '${key}'`);
    bound[index] = value;
    isBound[index] = true;
  }
  if (positional.length > places && !parameters.some(({ kind }) => kind === VAR_POSITIONAL)) {
    throw tooMany(name, parameters, positional.length, places, isBound);
  }
  parameters.forEach((parameter, index) => {
    if (isNamed(parameter) && !isBound[index]) bound[index] = parameter.default;
  });
  checkMissing(name, parameters, isBound);
  return bound;
}

function isNamed({ kind }) {
  return kind === POSITIONAL || kind === KEYWORD_ONLY;
}

function tooMany(name, parameters, given, places, isBound) {
  const optional = parameters.filter(({ kind, isOptional }) => kind === POSITIONAL && isOptional).length;
  const byName = parameters.filter(({ kind }, index) => kind === KEYWORD_ONLY && isBound[index]).length;
  const takes =
    optional === 0
      ? `${places} positional argument${plural(places)}`
      : `from ${places - optional} to ${places} positional arguments`;
  const were =
    byName === 0
      ? `${given} ${given === 1 ? "was" : "were"}`
      : `${given} positional argument${plural(given)} (and ${byName} keyword-only argument${plural(byName)}) were`;
  return typeError(`${name}() takes ${takes} but ${were} given`);
}

/** Names the missing arguments: the positional ones, otherwise the keyword-only ones. */
function checkMissing(name, parameters, isBound) {
  for (const how of [POSITIONAL, KEYWORD_ONLY]) {
    const missing = parameters.filter(({ kind, isOptional }, index) => kind === how && !isOptional && !isBound[index]);
    if (missing.length === 0) continue;
    const listed = list(missing.map((parameter) => `'${parameter.name}'`));
    throw typeError(`${name}() missing ${missing.length} required ${how} argument${plural(missing.length)}: ${listed}`);
  }
}

function list(names) {
  if (names.length < 3) return names.join(" and ");
  return `${names.slice(0, -1).join(", ")}, and ${names.at(-1)}`;
}

function plural(count) {
  return count === 1 ? "" : "s";
}

function typeError(message) {
  return new PythonError("TypeError", message);
}

/** The cost of a byte that is inserted, removed or replaced, and of a letter in the other case. */
const EDIT_COST = 2;
const CASE_COST = 1;

/** Longer names, and longer lists of them, are not compared. */
const MAX_BYTES = 40;
const MAX_NAMES = 750;

/** The parameter that a keyword was probably meant for, by CPython's rule. */
function guess(key, parameters) {
  const names = parameters.filter(isNamed).map(({ name }) => name);
  if (names.length >= MAX_NAMES) return "";
  const from = toBytes(key);
  let best;
  for (const name of names) {
    const to = toBytes(name);
    const cost = distance(from, to);
    // A third of both may differ.
    if (cost > Math.floor(((from.length + to.length + 3) * EDIT_COST) / 6)) continue;
    if (best === undefined || cost < best.cost) best = { cost, name };
  }
  return best === undefined ? "" : `. Did you mean '${best.name}'?`;
}

/** The cost of turning one name into another. */
function distance(first, second) {
  let start = 0;
  while (start < first.length && start < second.length && first[start] === second[start]) start += 1;
  let end = 0;
  while (
    end < first.length - start &&
    end < second.length - start &&
    first[first.length - 1 - end] === second[second.length - 1 - end]
  ) {
    end += 1;
  }
  const from = first.subarray(start, first.length - end);
  const to = second.subarray(start, second.length - end);
  if (from.length === 0 || to.length === 0) return (from.length + to.length) * EDIT_COST;
  if (Math.max(from.length, to.length) > MAX_BYTES) return Number.POSITIVE_INFINITY;
  const costs = Array.from({ length: to.length + 1 }, (_, length) => length * EDIT_COST);
  from.forEach((byte, index) => {
    let left = (index + 1) * EDIT_COST;
    let corner = index * EDIT_COST;
    costs[0] = left;
    to.forEach((other, place) => {
      const above = costs[place + 1];
      left = Math.min(corner + replacementCost(byte, other), left + EDIT_COST, above + EDIT_COST);
      corner = above;
      costs[place + 1] = left;
    });
  });
  return costs.at(-1);
}

function replacementCost(from, to) {
  if (from === to) return 0;
  return toLower(from) === toLower(to) ? CASE_COST : EDIT_COST;
}

function toLower(byte) {
  return byte >= 0x41 && byte <= 0x5a ? byte + 0x20 : byte;
}

function toBytes(text) {
  return new TextEncoder().encode(text);
}

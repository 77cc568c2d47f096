// Checks of options and arguments, and the errors for what is wrong. A name that
// is misspelt must not be an option that was left out.
//
// A check is an object: it `accepts` a value or says what the option `wants`;
// `names` are the checks of the options in it, `item` is the check of each of its
// entries, `methods` are names that are functions if they are there.

export const boolean = { wants: "true or false", accepts: (value) => typeof value === "boolean" };
export const string = { wants: "a string", accepts: (value) => typeof value === "string" };
export const callback = { wants: "a function", accepts: (value) => typeof value === "function" };
export const bytes = { wants: "a Uint8Array", accepts: (value) => value instanceof Uint8Array };
export const array = { wants: "an array", accepts: Array.isArray };
export const anything = { wants: "a value", accepts: () => true };

/** An integer from `least` to `most`. */
export function integer(least, most = Number.MAX_SAFE_INTEGER) {
  const range = most === Number.MAX_SAFE_INTEGER ? `not below ${least}` : `from ${least} to ${most}`;
  return {
    wants: `an integer ${range}`,
    accepts: (value) => Number.isSafeInteger(value) && value >= least && value <= most,
  };
}

/** An object or a map whose entries have names of the program's. */
export function entries(item) {
  return { wants: "a plain object, or a Map whose keys are strings", accepts: isEntries, item };
}

function isEntries(value) {
  if (value instanceof Map) return [...value.keys()].every((name) => typeof name === "string");
  return isPlain(value);
}

/** An object whose names are the package's. */
export function record(names) {
  return { wants: "a plain object", accepts: isPlain, names };
}

/**
 * Checks options before anything is done with them, and returns them.
 *
 * `where` is the function that they were given to, as the error names it. What
 * is `undefined` counts as left out.
 */
export function checkOptions(where, given, names) {
  if (given === undefined) return {};
  if (!isPlain(given)) throw new TypeError(`${where}: the options must be a plain object, not ${describe(given)}`);
  checkNames(where, given, names, "");
  return given;
}

/** Checks one argument that is no option. */
export function checkArgument(where, name, value, { wants, accepts }) {
  if (!accepts(value)) throw new TypeError(`${where}: ${name} must be ${wants}, not ${describe(value)}`);
  return value;
}

function checkNames(where, given, names, prefix) {
  for (const [name, value] of Object.entries(given)) {
    if (value === undefined && Object.hasOwn(names, name)) continue;
    const path = prefix + name;
    if (!Object.hasOwn(names, name)) {
      const known = Object.keys(names);
      const near = nearest(name, known);
      const advice = near === undefined ? "" : `; did you mean \`${prefix}${near}\`?`;
      const list = known.map((option) => `\`${prefix}${option}\``).join(", ");
      throw new TypeError(`${where}: unknown option \`${path}\`${advice || "."} The options are ${list}`);
    }
    checkOption(where, path, value, names[name]);
  }
}

function checkOption(where, path, value, { wants, accepts, names, item, methods = [] }) {
  if (!accepts(value)) {
    throw new TypeError(`${where}: the option \`${path}\` must be ${wants}, not ${describe(value)}`);
  }
  if (names !== undefined) checkNames(where, value, names, `${path}.`);
  if (item !== undefined) {
    for (const [name, entry] of toEntries(value)) checkOption(where, `${path}.${name}`, entry, item);
  }
  for (const name of methods) {
    if (value[name] !== undefined) checkOption(where, `${path}.${name}`, value[name], callback);
  }
}

/** The entries of an object or a map. */
export function toEntries(value) {
  return value instanceof Map ? value : Object.entries(value);
}

export function isObject(value) {
  return typeof value === "object" && value !== null;
}

/** Whether a value is an object that is nothing else: no promise, no array, no instance of a class. */
export function isPlain(value) {
  if (!isObject(value)) return false;
  const prototype = Object.getPrototypeOf(value);
  // That of any realm: the one that has no prototype itself.
  return prototype === null || Object.getPrototypeOf(prototype) === null;
}

/** A value for the person who reads the error. */
function describe(value) {
  if (typeof value === "string") return JSON.stringify(value.length > 40 ? `${value.slice(0, 40)}…` : value);
  // The digits of a large one take long to find.
  if (typeof value === "bigint") return BigInt.asIntN(64, value) === value ? `${value}n` : "a bigint";
  if (typeof value === "function") return "a function";
  if (Array.isArray(value)) return "an array";
  if (!isObject(value)) return String(value);
  const name = value.constructor?.name;
  if (name === undefined || name === "Object") return "an object";
  return `${/^[AEIOU]/.test(name) ? "an" : "a"} ${name}`;
}

/** The name that was probably meant. */
function nearest(name, names) {
  const plain = (text) => text.toLowerCase().replace(/[^a-z]/g, "");
  const wanted = plain(name);
  let best;
  let least = 3;
  for (const candidate of names) {
    const known = plain(candidate);
    const isPart = wanted.length > 2 && (known.startsWith(wanted) || wanted.startsWith(known));
    const distance = isPart ? 1 : editDistance(wanted, known);
    if (distance < least) [best, least] = [candidate, distance];
  }
  return best;
}

/** Letters to insert, drop or replace; at least 3 for names that differ that much in length. */
function editDistance(first, second) {
  if (Math.abs(first.length - second.length) > 2) return 3;
  let row = Array.from({ length: second.length + 1 }, (_, index) => index);
  for (let i = 1; i <= first.length; i += 1) {
    const next = [i];
    for (let j = 1; j <= second.length; j += 1) {
      const replaced = row[j - 1] + (first[i - 1] === second[j - 1] ? 0 : 1);
      next.push(Math.min(row[j] + 1, next[j - 1] + 1, replaced));
    }
    row = next;
  }
  return row[second.length];
}

// Checks of options and arguments. A misspelt option must not count as one left out.
//
// A check is an object: `accepts` tests a value, `wants` describes what it accepts.
// `names` has checks for the options in it, `item` is the check of each entry, and
// `methods` lists the names that its functions may have.

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

/** An object or a map whose keys the program chooses. */
export function entries(item) {
  return { wants: "a plain object, or a Map whose keys are strings", accepts: isEntries, item };
}

function isEntries(value) {
  if (value instanceof Map) return [...value.keys()].every((name) => typeof name === "string");
  return isPlain(value);
}

const plainObject = { wants: "a plain object", accepts: isPlain };

/** An object with the keys in `names`. */
export function record(names) {
  return { ...plainObject, names };
}

/**
 * Checks options and returns them. An option that is `undefined` counts as left out.
 *
 * `where` names the function in errors.
 */
export function checkOptions(where, given, names) {
  if (given === undefined) return {};
  if (!isPlain(given)) throw new TypeError(`${where}: the options must be a plain object, not ${describe(given)}`);
  checkNames(where, given, names, "");
  return given;
}

/** Checks the fields of an object that the program returned. */
export function checkFields(where, what, given, names) {
  checkArgument(where, what, given, plainObject);
  checkNames(where, given, names, "", "field");
  return given;
}

/** Checks one argument. */
export function checkArgument(where, name, value, { wants, accepts }) {
  if (!accepts(value)) throw new TypeError(`${where}: ${name} must be ${wants}, not ${describe(value)}`);
  return value;
}

function checkNames(where, given, names, prefix, noun = "option") {
  for (const [name, value] of Object.entries(given)) {
    if (value === undefined && Object.hasOwn(names, name)) continue;
    if (!Object.hasOwn(names, name)) throw unknown(where, noun, name, Object.keys(names), prefix);
    checkOption(where, prefix + name, value, names[name], noun);
  }
}

/** The error for an unknown name. */
function unknown(where, noun, name, known, prefix = "") {
  const near = nearest(name, known);
  const advice = near === undefined ? "" : `; did you mean \`${prefix}${near}\`?`;
  const list = known.map((option) => `\`${prefix}${option}\``).join(", ");
  return new TypeError(`${where}: unknown ${noun} \`${prefix}${name}\`${advice || "."} The ${noun}s are ${list}`);
}

function checkOption(where, path, value, { wants, accepts, names, item, methods }, noun = "option") {
  if (!accepts(value)) {
    throw new TypeError(`${where}: the ${noun} \`${path}\` must be ${wants}, not ${describe(value)}`);
  }
  if (names !== undefined) checkNames(where, value, names, `${path}.`);
  if (item !== undefined) {
    for (const [name, entry] of toEntries(value)) checkOption(where, `${path}.${name}`, entry, item);
  }
  if (methods !== undefined) checkMethods(where, path, value, methods);
}

/**
 * Checks an object with methods for misspelt ones, which would never be called. A plain
 * object must have no other functions. An instance of a class may, unless their names
 * almost match.
 */
function checkMethods(where, path, value, methods) {
  for (const name of methods) {
    if (value[name] !== undefined) checkOption(where, `${path}.${name}`, value[name], callback);
  }
  const isInstance = !isPlain(value);
  for (const name of functionNames(value)) {
    if (methods.includes(name)) continue;
    if (isInstance && !methods.some((method) => isAlmost(name, method))) continue;
    throw unknown(where, "method", name, methods, `${path}.`);
  }
}

/** The names of an object's functions, without those of `Object.prototype`. */
function functionNames(value) {
  const names = new Set();
  const isRoot = (owner) => owner !== value && Object.getPrototypeOf(owner) === null;
  for (let owner = value; owner !== null && !isRoot(owner); owner = Object.getPrototypeOf(owner)) {
    for (const [name, { value: method }] of Object.entries(Object.getOwnPropertyDescriptors(owner))) {
      if (typeof method === "function" && name !== "constructor") names.add(name);
    }
  }
  return names;
}

/** The entries of an object or a map. */
export function toEntries(value) {
  return value instanceof Map ? value : Object.entries(value);
}

export function isObject(value) {
  return typeof value === "object" && value !== null;
}

/** Whether a value is a plain object: not an array, a promise or an instance of a class. */
export function isPlain(value) {
  if (!isObject(value)) return false;
  const prototype = Object.getPrototypeOf(value);
  // `Object.prototype` of any realm: it has no prototype itself.
  return prototype === null || Object.getPrototypeOf(prototype) === null;
}

/** A value as errors show it. */
function describe(value) {
  if (typeof value === "string") return JSON.stringify(value.length > 40 ? `${value.slice(0, 40)}…` : value);
  // Converting a large one to digits takes long.
  if (typeof value === "bigint") return BigInt.asIntN(64, value) === value ? `${value}n` : "a bigint";
  if (typeof value === "function") return "a function";
  if (Array.isArray(value)) return "an array";
  if (!isObject(value)) return String(value);
  const name = value.constructor?.name;
  if (name === undefined || name === "Object") return "an object";
  return `${/^[AEIOU]/.test(name) ? "an" : "a"} ${name}`;
}

/** The letters of a name. */
function letters(name) {
  return name.toLowerCase().replace(/[^a-z]/g, "");
}

/** Whether a name is probably a typo of another. */
function isAlmost(name, known) {
  const wanted = letters(name);
  return wanted.length > 4 && editDistance(wanted, letters(known)) <= (wanted.length > 7 ? 2 : 1);
}

/** The name that was probably meant, if one is close. */
export function nearest(name, names) {
  const wanted = letters(name);
  let best;
  let least = 3;
  for (const candidate of names) {
    const known = letters(candidate);
    const isPart = wanted.length > 2 && (known.startsWith(wanted) || wanted.startsWith(known));
    const distance = isPart ? 1 : editDistance(wanted, known);
    if (distance < least) [best, least] = [candidate, distance];
  }
  return best;
}

/** Letters to insert, drop or replace. 3 stands for any larger distance. */
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

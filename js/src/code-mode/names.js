// Names that a script can write, for names that Python does not accept: the rule of
// `names.rs` in crates/code-mode, from which the lists are taken. The conformance data
// compares both.

const KEYWORDS = words(`
  False None True __debug__ and as assert async await break class continue def del elif else except
  finally for from global if import in is lambda nonlocal not or pass raise return try while with
  yield
`);

/** CPython's built-in names, whether Monty has them yet or not. */
const BUILTINS = words(`
  ArithmeticError AssertionError AttributeError BaseException BaseExceptionGroup BlockingIOError
  BrokenPipeError BufferError BytesWarning ChildProcessError ConnectionAbortedError ConnectionError
  ConnectionRefusedError ConnectionResetError DeprecationWarning EOFError Ellipsis EncodingWarning
  EnvironmentError Exception ExceptionGroup FileExistsError FileNotFoundError FloatingPointError
  FutureWarning GeneratorExit IOError ImportError ImportWarning IndentationError IndexError
  InterruptedError IsADirectoryError KeyError KeyboardInterrupt LookupError MemoryError
  ModuleNotFoundError NameError NotADirectoryError NotImplemented NotImplementedError OSError
  OverflowError PendingDeprecationWarning PermissionError ProcessLookupError PythonFinalizationError
  RecursionError ReferenceError ResourceWarning RuntimeError RuntimeWarning StopAsyncIteration
  StopIteration SyntaxError SyntaxWarning SystemError SystemExit TabError TimeoutError TypeError
  UnboundLocalError UnicodeDecodeError UnicodeEncodeError UnicodeError UnicodeTranslateError
  UnicodeWarning UserWarning ValueError Warning ZeroDivisionError __build_class__ __doc__ __import__
  __loader__ __name__ __package__ __spec__ abs aiter all anext any ascii bin bool breakpoint bytearray
  bytes callable chr classmethod compile complex copyright credits delattr dict dir divmod enumerate
  eval exec exit filter float format frozenset getattr globals hasattr hash help hex id input int
  isinstance issubclass iter len license list locals map max memoryview min next object oct open ord
  pow print property quit range repr reversed round set setattr slice sorted staticmethod str sum
  super tuple type vars zip
`);

/** What a script can import: `import time` would hide a server called `time`. */
const MODULES = words(`
  asyncio base64 binascii bisect collections copy csv dataclasses datetime decimal functools hashlib
  itertools json math os pathlib random re sys time tomllib typing unicodedata
`);

/** The functions of code mode itself. */
const OWN = words("describe_tool search_tools show");

/** The names under which code mode keeps truncated results. */
const KEPT = /^(?:output_|result_)[0-9]+$/;

/** Longer names are truncated, and told apart by their hash. */
const MAX_LENGTH = 64;

/** What a script calls without a namespace, and namespaces themselves. */
export const GLOBAL = Object.freeze({
  isReserved: (name) =>
    KEYWORDS.has(name) || BUILTINS.has(name) || MODULES.has(name) || OWN.has(name) || KEPT.test(name),
});

/** What stands after a dot or in a call, where only keywords are reserved. */
export const MEMBERS = Object.freeze({ isReserved: (name) => KEYWORDS.has(name) });

/** Whether a name needs no change. */
export function isSafe(name, scope) {
  return safeName(name, scope) === name;
}

/** A name in ASCII that is not reserved. */
export function safeName(original, scope) {
  let name = "";
  for (const character of original) {
    if (name.length >= MAX_LENGTH) break;
    if (name === "" && /[0-9]/.test(character)) name = "_";
    name += /[A-Za-z0-9_]/.test(character) ? character : "_";
  }
  if (name === "") name = "_";
  return scope.isReserved(name) ? `${name}_` : name;
}

/**
 * Names for all originals, in their order: each valid, no two equal. The originals
 * must differ.
 */
export function assignNames(originals, scope) {
  const taken = new Set(originals.filter((original) => isSafe(original, scope)));
  return originals.map((original) => {
    let name = safeName(original, scope);
    if (name === original) return name;
    if (taken.has(name)) name = hashedName(name, original, taken);
    taken.add(name);
    return name;
  });
}

/** The name with the first four digits of a hash, or more if that is taken. */
function hashedName(name, original, taken) {
  const digits = hash(original).toString(16).padStart(16, "0");
  for (let length = 4; length <= digits.length; length += 1) {
    const candidate = `${name}_${digits.slice(0, length)}`;
    if (!taken.has(candidate)) return candidate;
  }
  return new DistinctNames(taken).name(`${name}_${digits}`);
}

/** Hands out each name once: the second of one name gets a number. */
export class DistinctNames {
  #taken;
  #next = new Map();

  constructor(taken = []) {
    this.#taken = new Set(taken);
  }

  name(name) {
    if (!this.#taken.has(name)) {
      this.#taken.add(name);
      return name;
    }
    for (let next = this.#next.get(name) ?? 2; ; next += 1) {
      const candidate = `${name}_${next}`;
      if (this.#taken.has(candidate)) continue;
      this.#taken.add(candidate);
      this.#next.set(name, next + 1);
      return candidate;
    }
  }
}

/** FNV-1a with its bits mixed, so that each digit depends on the whole text. */
function hash(text) {
  let value = 0xcbf29ce484222325n;
  for (const byte of new TextEncoder().encode(text)) {
    value = BigInt.asUintN(64, (value ^ BigInt(byte)) * 0x100000001b3n);
  }
  const mixed = BigInt.asUintN(64, (value ^ (value >> 33n)) * 0xff51afd7ed558ccdn);
  return mixed ^ (mixed >> 33n);
}

/** A name for a type: words joined, each with a capital letter. */
export function typeName(text) {
  let name = "";
  let starts = true;
  for (const character of text) {
    if (name.length >= MAX_LENGTH) break;
    if (!/[A-Za-z0-9]/.test(character)) {
      starts = true;
    } else {
      name += starts ? character.toUpperCase() : character;
      starts = false;
    }
  }
  if (name === "") return "Object";
  return /^[0-9]/.test(name) ? `T${name}` : name;
}

function words(text) {
  return new Set(text.trim().split(/\s+/));
}

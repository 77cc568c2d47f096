//! Names that a script can write, for names that Python does not take.
//!
//! One rule holds for tools, namespaces and parameters:
//!
//! 1. Each character that is not an ASCII letter, a digit or `_` becomes `_`. A
//!    name that would start with a digit gets a `_` before it; an empty one is
//!    `_`.
//! 2. A name that is taken by Python gets a `_` after it: the keywords, for
//!    everything that a script calls without a namespace also the built-in
//!    names, the modules that a script can import, and the functions of code
//!    mode itself.
//! 3. If two are the same now, one that needed no change keeps its name, else
//!    the first one does. Each other gets `_` and four hexadecimal digits of a
//!    hash of its original name, or more if four are taken.
//!
//! So a name depends on its original alone unless it clashes, and what is added
//! later changes it only if that is called exactly so.

use std::collections::{HashMap, HashSet};

/// Python's keywords, and `__debug__`, which nothing can be called either.
const KEYWORDS: [&str; 36] = [
    "False",
    "None",
    "True",
    "__debug__",
    "and",
    "as",
    "assert",
    "async",
    "await",
    "break",
    "class",
    "continue",
    "def",
    "del",
    "elif",
    "else",
    "except",
    "finally",
    "for",
    "from",
    "global",
    "if",
    "import",
    "in",
    "is",
    "lambda",
    "nonlocal",
    "not",
    "or",
    "pass",
    "raise",
    "return",
    "try",
    "while",
    "with",
    "yield",
];

/// CPython's built-in names, whether Monty has them yet or not.
const BUILTINS: [&str; 154] = [
    "ArithmeticError",
    "AssertionError",
    "AttributeError",
    "BaseException",
    "BaseExceptionGroup",
    "BlockingIOError",
    "BrokenPipeError",
    "BufferError",
    "BytesWarning",
    "ChildProcessError",
    "ConnectionAbortedError",
    "ConnectionError",
    "ConnectionRefusedError",
    "ConnectionResetError",
    "DeprecationWarning",
    "EOFError",
    "Ellipsis",
    "EncodingWarning",
    "EnvironmentError",
    "Exception",
    "ExceptionGroup",
    "FileExistsError",
    "FileNotFoundError",
    "FloatingPointError",
    "FutureWarning",
    "GeneratorExit",
    "IOError",
    "ImportError",
    "ImportWarning",
    "IndentationError",
    "IndexError",
    "InterruptedError",
    "IsADirectoryError",
    "KeyError",
    "KeyboardInterrupt",
    "LookupError",
    "MemoryError",
    "ModuleNotFoundError",
    "NameError",
    "NotADirectoryError",
    "NotImplemented",
    "NotImplementedError",
    "OSError",
    "OverflowError",
    "PendingDeprecationWarning",
    "PermissionError",
    "ProcessLookupError",
    "PythonFinalizationError",
    "RecursionError",
    "ReferenceError",
    "ResourceWarning",
    "RuntimeError",
    "RuntimeWarning",
    "StopAsyncIteration",
    "StopIteration",
    "SyntaxError",
    "SyntaxWarning",
    "SystemError",
    "SystemExit",
    "TabError",
    "TimeoutError",
    "TypeError",
    "UnboundLocalError",
    "UnicodeDecodeError",
    "UnicodeEncodeError",
    "UnicodeError",
    "UnicodeTranslateError",
    "UnicodeWarning",
    "UserWarning",
    "ValueError",
    "Warning",
    "ZeroDivisionError",
    "__build_class__",
    "__doc__",
    "__import__",
    "__loader__",
    "__name__",
    "__package__",
    "__spec__",
    "abs",
    "aiter",
    "all",
    "anext",
    "any",
    "ascii",
    "bin",
    "bool",
    "breakpoint",
    "bytearray",
    "bytes",
    "callable",
    "chr",
    "classmethod",
    "compile",
    "complex",
    "copyright",
    "credits",
    "delattr",
    "dict",
    "dir",
    "divmod",
    "enumerate",
    "eval",
    "exec",
    "exit",
    "filter",
    "float",
    "format",
    "frozenset",
    "getattr",
    "globals",
    "hasattr",
    "hash",
    "help",
    "hex",
    "id",
    "input",
    "int",
    "isinstance",
    "issubclass",
    "iter",
    "len",
    "license",
    "list",
    "locals",
    "map",
    "max",
    "memoryview",
    "min",
    "next",
    "object",
    "oct",
    "open",
    "ord",
    "pow",
    "print",
    "property",
    "quit",
    "range",
    "repr",
    "reversed",
    "round",
    "set",
    "setattr",
    "slice",
    "sorted",
    "staticmethod",
    "str",
    "sum",
    "super",
    "tuple",
    "type",
    "vars",
    "zip",
];

/// What a script can import: `import time` would hide a server called `time`.
const MODULES: [&str; 24] = [
    "asyncio",
    "base64",
    "binascii",
    "bisect",
    "collections",
    "copy",
    "csv",
    "dataclasses",
    "datetime",
    "decimal",
    "functools",
    "hashlib",
    "itertools",
    "json",
    "math",
    "os",
    "pathlib",
    "random",
    "re",
    "sys",
    "time",
    "tomllib",
    "typing",
    "unicodedata",
];

/// What the description of a script's tools promises by itself.
const OWN: [&str; 3] = ["describe_tool", "search_tools", "show"];

/// The names of what was cut from results end in a number.
const KEPT: [&str; 2] = ["output_", "result_"];

fn is_kept(name: &str) -> bool {
    let is_number = |text: &str| !text.is_empty() && text.bytes().all(|c| c.is_ascii_digit());
    KEPT.iter()
        .any(|start| name.strip_prefix(start).is_some_and(is_number))
}

/// Longer originals are cut before they become a name, and told apart by their
/// hash.
const MAX_BYTES: usize = 64;

/// Which names are taken before anything is named.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub(crate) enum Scope {
    /// What a script calls without a namespace, and namespaces themselves.
    Global,
    /// What stands after a dot or in a call, where only keywords are taken.
    Members,
}

impl Scope {
    pub(crate) fn is_reserved(self, name: &str) -> bool {
        let among = |names: &[&str]| names.binary_search(&name).is_ok();
        among(&KEYWORDS)
            || self == Self::Global
                && (among(&BUILTINS) || among(&MODULES) || among(&OWN) || is_kept(name))
    }
}

/// Whether a name needs no change.
pub(crate) fn is_safe(name: &str, scope: Scope) -> bool {
    safe(name, scope) == name
}

/// The first two steps of the rule.
pub(crate) fn safe(original: &str, scope: Scope) -> String {
    let mut name = String::with_capacity(original.len() + 1);
    for character in original.chars() {
        if name.len() >= MAX_BYTES {
            break;
        }
        if name.is_empty() && character.is_ascii_digit() {
            name.push('_');
        }
        let stays = character.is_ascii_alphanumeric() || character == '_';
        name.push(if stays { character } else { '_' });
    }
    if name.is_empty() {
        name.push('_');
    }
    if scope.is_reserved(&name) {
        name.push('_');
    }
    name
}

/// Names for all originals, in their order: each a valid name, no two the same.
/// Originals that are the same must not be among them.
pub(crate) fn assign<'o>(
    originals: impl Iterator<Item = &'o str> + Clone,
    scope: Scope,
) -> Vec<String> {
    let unchanged = |original: &&str| is_safe(original, scope);
    let mut taken: HashSet<String> = originals
        .clone()
        .filter(unchanged)
        .map(str::to_owned)
        .collect();
    let named = originals.map(|original| {
        let name = safe(original, scope);
        if name == original {
            return name;
        }
        let name = match taken.contains(&name) {
            true => hashed(&name, original, &taken),
            false => name,
        };
        taken.insert(name.clone());
        name
    });
    named.collect()
}

/// The name with the first four digits of a hash, or more.
fn hashed(name: &str, original: &str, taken: &HashSet<String>) -> String {
    let digits = format!("{:016x}", hash(original));
    let lengths = (4..=digits.len()).filter_map(|length| digits.get(..length));
    let mut candidates = lengths.map(|digits| format!("{name}_{digits}"));
    let free = candidates.find(|candidate| !taken.contains(candidate));
    free.unwrap_or_else(|| {
        let mut names = Distinct::with_taken(taken.clone());
        names.name(format!("{name}_{digits}"))
    })
}

/// Hands out names once each: the second of one name gets a number.
#[derive(Debug, Default)]
pub(crate) struct Distinct {
    taken: HashSet<String>,
    /// The next number of each name that is taken.
    next: HashMap<String, u64>,
}

impl Distinct {
    pub(crate) fn with_taken(taken: HashSet<String>) -> Self {
        Self {
            taken,
            next: HashMap::new(),
        }
    }

    pub(crate) fn name(&mut self, name: String) -> String {
        if self.taken.insert(name.clone()) {
            return name;
        }
        let next = self.next.entry(name.clone()).or_insert(2);
        loop {
            let candidate = format!("{name}_{next}");
            *next += 1;
            if self.taken.insert(candidate.clone()) {
                return candidate;
            }
        }
    }
}

/// FNV-1a, with its bits mixed so that each digit depends on all of the text.
/// Names must be the same in each build, and there is nothing to guard.
fn hash(text: &str) -> u64 {
    let hash = text.bytes().fold(0xcbf2_9ce4_8422_2325_u64, |hash, byte| {
        (hash ^ u64::from(byte)).wrapping_mul(0x0000_0100_0000_01b3)
    });
    let mixed = (hash ^ (hash >> 33)).wrapping_mul(0xff51_afd7_ed55_8ccd);
    mixed ^ (mixed >> 33)
}

/// A name for a type: words joined, each with a capital letter.
pub(crate) fn type_name(words: &str) -> String {
    let mut name = String::new();
    let mut starts = true;
    for character in words.chars() {
        if name.len() >= MAX_BYTES {
            break;
        }
        if !character.is_ascii_alphanumeric() {
            starts = true;
        } else if starts {
            name.push(character.to_ascii_uppercase());
            starts = false;
        } else {
            name.push(character);
        }
    }
    match name.chars().next() {
        Some(first) if first.is_ascii_digit() => format!("T{name}"),
        Some(_) => name,
        None => "Object".to_owned(),
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn names_are_looked_up_in_sorted_lists() {
        assert!(KEYWORDS.is_sorted() && BUILTINS.is_sorted());
        assert!(MODULES.is_sorted() && OWN.is_sorted());
    }

    #[test]
    fn hashes_that_are_taken_get_more_digits() {
        let first = hashed("a", "x", &HashSet::new());
        let second = hashed("a", "x", &HashSet::from([first.clone()]));
        assert_eq!((first.len(), second.len()), (6, 7));
        let all = (4..=16).map(|length| format!("a_{}", &format!("{:016x}", hash("x"))[..length]));
        let taken: HashSet<String> = all.collect();
        assert_eq!(hashed("a", "x", &taken), format!("a_{:016x}_2", hash("x")));
    }
}

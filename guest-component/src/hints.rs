//! What a script can do instead of what Monty does not have.
//!
//! A hint goes with an exception that ended a script, for the model that has to
//! write the next one. It is found by the exception's last line: Monty has no
//! other mark for what it leaves out. A test runs one script for each hint, so
//! that a wording that changes does not go unnoticed.

use monty_value::types::{Exception, Hint};

/// A part of an exception's last line, and the hint for it: the first one that
/// fits is given.
type Entry = (&'static str, &'static str, &'static str);

/// The longest message that is looked at. Monty's own are short, and a script
/// may raise one of any length.
const MAX_MESSAGE_BYTES: usize = 4096;

/// Syntax that is refused before the script runs.
const SYNTAX: &[Entry] = &[
    (
        "support class inheritance",
        "class-inheritance",
        "Write the class without bases. Instead of an exception class, raise a built-in one such as ValueError with a message; instead of an Enum, use constants or a dict; instead of a TypedDict, a dict or a @dataclass.",
    ),
    (
        "support yield",
        "generators",
        "Build a list and return it, or use a list comprehension.",
    ),
    (
        "support the 'del' statement",
        "del-statement",
        "For a dict use d.pop(key), for a list items.pop(index); assign None to a name that is no longer needed.",
    ),
    (
        "support method decorators",
        "method-decorators",
        "Write a plain method and call it with (), or a function outside the class.",
    ),
    (
        "support async context managers",
        "async-with",
        "Call and await what opens and closes the resource, with try and finally.",
    ),
    (
        "support async for",
        "async-for",
        "Await a list of all items, then use a plain for loop.",
    ),
    (
        "support async comprehensions",
        "async-for",
        "Await a list of all items, then use a plain comprehension.",
    ),
    (
        "support exception groups",
        "exception-groups",
        "Use except with a tuple of exception types.",
    ),
    (
        "Wildcard imports",
        "wildcard-import",
        "Import the names that are used: from module import name.",
    ),
    (
        "support type aliases",
        "type-alias",
        "Leave the alias out: annotations are not checked.",
    ),
    (
        "support template strings",
        "template-strings",
        "Use an f-string.",
    ),
    (
        "matrix multiplication",
        "matrix-multiplication",
        "Write the loops, or ask the host for a function.",
    ),
    (
        "support class bodies containing anything other",
        "class-body",
        "Keep only methods and simple variables in the class body; compute the rest in __init__.",
    ),
];

/// What fails while the script runs.
const RUNTIME: &[Entry] = &[
    (
        "in this synchronous context",
        "synchronous-context",
        "Call it in a loop or a comprehension, such as [tool(x) for x in xs], instead of in map, filter, a key function or a special method. To sort by it: keys = {x: tool(x) for x in xs}, then sorted(xs, key=lambda x: keys[x]).",
    ),
    (
        "unexpected keyword argument 'default'",
        "json-default",
        "Convert values that JSON does not have before json.dumps, for example str(date).",
    ),
    (
        "JSONEncoder.__init__() got an unexpected keyword argument",
        "json-arguments",
        "Convert values before json.dumps; only the arguments about layout are there.",
    ),
    (
        "JSONDecoder.__init__() got an unexpected keyword argument",
        "json-arguments",
        "Convert the result of json.loads afterwards.",
    ),
    (
        "callable replacement is not yet supported",
        "re-callable-replacement",
        "Loop over re.finditer and build the text with a list and ''.join.",
    ),
    (
        "module 're' has no attribute",
        "re-names",
        "Leave the flag out and write the pattern without spaces and comments; re has compile, search, match, fullmatch, findall, finditer, split, sub and escape.",
    ),
    (
        "'datetime.datetime' has no attribute 'utcnow'",
        "datetime-utcnow",
        "Use datetime.now(timezone.utc).",
    ),
    (
        "'datetime.datetime' has no attribute 'fromtimestamp'",
        "datetime-fromtimestamp",
        "Use datetime(1970, 1, 1, tzinfo=timezone.utc) + timedelta(seconds=timestamp).",
    ),
    (
        "combine() argument 1",
        "datetime-combine",
        "Use datetime(date.year, date.month, date.day, time.hour, time.minute).",
    ),
    (
        "cannot import name 'UTC' from 'datetime'",
        "datetime-utc",
        "Use timezone.utc.",
    ),
    (
        "has no attribute 'isocalendar'",
        "datetime-isocalendar",
        "Use strftime('%G'), strftime('%V') and strftime('%u').",
    ),
    (
        "name 'OrderedDict' from 'collections'",
        "ordered-dict",
        "Use a dict: it keeps the order of insertion.",
    ),
    (
        "name 'wraps' from 'functools'",
        "functools-wraps",
        "Leave the decorator out: functions have no __name__ to copy.",
    ),
    (
        "name 'cmp_to_key' from 'functools'",
        "functools-cmp-to-key",
        "Sort by a key function that returns a tuple.",
    ),
    (
        "name 'asdict' from 'dataclasses'",
        "dataclasses-asdict",
        "Build the dict from the fields: {'name': x.name}.",
    ),
    (
        "module 'dataclasses' has no attribute",
        "dataclasses-asdict",
        "Build the dict from the fields: {'name': x.name}.",
    ),
    (
        "gather() does not yet support keyword arguments",
        "asyncio-names",
        "Catch exceptions inside the coroutines; asyncio has run, gather and sleep.",
    ),
    (
        "module 'asyncio' has no attribute",
        "asyncio-names",
        "asyncio has run, gather and sleep: await asyncio.gather(first(), second()).",
    ),
    (
        "from 'asyncio'",
        "asyncio-names",
        "asyncio has run, gather and sleep: await asyncio.gather(first(), second()).",
    ),
    (
        "exceptions can only be called with zero or one string argument",
        "exception-arguments",
        "Give the exception one string: ValueError(f'{a}: {b}').",
    ),
    (
        "module 'sys' has no attribute 'exit'",
        "exit",
        "Let the script end: put the rest into an if, or return from a function.",
    ),
    (
        "name 'exit' is not defined",
        "exit",
        "Let the script end: put the rest into an if, or return from a function.",
    ),
    (
        "name 'quit' is not defined",
        "exit",
        "Let the script end: put the rest into an if, or return from a function.",
    ),
    (
        "name 'input' is not defined",
        "input",
        "There is nobody to ask: use the script's inputs, or a function of the host.",
    ),
    (
        "name 'callable' is not defined",
        "missing-builtin",
        "Use isinstance, or try the call and catch TypeError.",
    ),
    (
        "name 'issubclass' is not defined",
        "missing-builtin",
        "Use isinstance on an instance.",
    ),
    (
        "name 'super' is not defined",
        "class-inheritance",
        "Classes have no bases: call the function that is meant by its name.",
    ),
    (
        "name 'bytearray' is not defined",
        "missing-builtin",
        "Join pieces with b''.join(pieces), or integers with bytes.fromhex(''.join(f'{n:02x}' for n in numbers)).",
    ),
    (
        "name 'globals' is not defined",
        "missing-builtin",
        "Keep values in a dict of your own.",
    ),
    (
        "name 'vars' is not defined",
        "missing-builtin",
        "Name the attributes that are wanted.",
    ),
    (
        "name 'dir' is not defined",
        "missing-builtin",
        "Use hasattr for the name that is wanted.",
    ),
    (
        "has no attribute '__dict__'",
        "missing-attribute",
        "Name the attributes that are wanted.",
    ),
    (
        "'function' object has no attribute",
        "function-attributes",
        "Functions have no attributes: keep the name in a variable, or a dict from names to functions.",
    ),
    (
        "has no attribute 'bit_length'",
        "int-methods",
        "Use len(bin(abs(n))) - 2.",
    ),
    (
        "has no attribute 'to_bytes'",
        "int-methods",
        "Use bytes.fromhex(f'{n:0{2 * size}x}').",
    ),
    (
        "object to bytes",
        "bytes-from-integers",
        "Use bytes.fromhex(''.join(f'{n:02x}' for n in numbers)).",
    ),
    (
        "has no attribute 'is_integer'",
        "float-methods",
        "Use x == int(x).",
    ),
    (
        "has no attribute 'translate'",
        "str-methods",
        "Use str.replace for each character, or ''.join(table.get(c, c) for c in text).",
    ),
    (
        "has no attribute 'maketrans'",
        "str-methods",
        "Use a dict and ''.join(table.get(c, c) for c in text).",
    ),
    (
        "has no attribute 'format_map'",
        "str-methods",
        "Use text.format(**mapping).",
    ),
    ("unknown encoding", "encoding", "Use utf-8 or ascii."),
    (
        "has no attribute 'relative_to'",
        "path-methods",
        "Use str(path).removeprefix(str(base) + '/').",
    ),
    (
        "has no attribute 'parents'",
        "path-methods",
        "Use path.parent in a loop.",
    ),
    (
        "has no attribute 'touch'",
        "path-methods",
        "Use path.write_text('').",
    ),
    (
        "object is not an iterator",
        "lazy-iterators",
        "Generator expressions, map, filter, zip and enumerate are lists here: use items[0], a for loop, or iter(items).",
    ),
    (
        "update modes ('+')",
        "file-modes",
        "Read the whole file, then write it again.",
    ),
    (
        "module 'os' has no attribute",
        "os-names",
        "There are no processes to start or to ask; os has the functions for files, paths and environment variables.",
    ),
    (
        "module 'typing' has no attribute",
        "typing-names",
        "Leave it out: annotations are not checked.",
    ),
    (
        "from 'typing'",
        "typing-names",
        "Leave it out: annotations are not checked. Instead of a TypedDict or NamedTuple class, use a dict, a @dataclass or collections.namedtuple.",
    ),
    (
        "has no len()",
        "special-methods",
        "Of a class's special methods, __len__, __bool__, comparisons and __getattr__ are not called: write a method and call it.",
    ),
    (
        "not supported between instances of",
        "special-methods",
        "Of a class's special methods, __len__, __bool__, comparisons and __getattr__ are not called: sort by a key function.",
    ),
    (
        "type object 'str' has no attribute",
        "methods-as-values",
        "Methods of built-in types are no values: use a lambda, such as lambda s: s.lower().",
    ),
    (
        "type object 'int' has no attribute",
        "methods-as-values",
        "Methods of built-in types are no values: use a lambda.",
    ),
    (
        "'dict' object has no attribute 'get'",
        "methods-as-values",
        "Methods of built-in types are no values: use a lambda, such as lambda key: d[key].",
    ),
    (
        "'list' object has no attribute 'append'",
        "methods-as-values",
        "Methods of built-in types are no values: call the method, or use a lambda.",
    ),
];

/// Modules of the standard library that are missing, and what to use.
const MODULES: &[(&str, &str)] = &[
    (
        "collections.abc",
        "Leave the types out: annotations are not checked.",
    ),
    ("contextlib", "Use try and finally."),
    ("enum", "Use constants or a dict."),
    ("glob", "Use pathlib.Path.glob."),
    ("heapq", "Use sorted, or bisect.insort."),
    ("html", "Use str.replace for &, <, > and quotes."),
    (
        "io",
        "Use strings and lists; csv.reader takes a list of lines.",
    ),
    ("logging", "Use print."),
    ("operator", "Use a lambda: lambda row: row['key']."),
    ("pprint", "Use json.dumps(value, indent=2)."),
    (
        "shutil",
        "Use pathlib.Path: read_bytes and write_bytes, rename, unlink.",
    ),
    (
        "statistics",
        "Compute it: sum(xs) / len(xs); sorted(xs)[len(xs) // 2]; math.sqrt of the mean square.",
    ),
    (
        "string",
        "Write the characters: 'abcdefghijklmnopqrstuvwxyz', '0123456789'.",
    ),
    (
        "textwrap",
        "Split the text with str.split and join the lines.",
    ),
    ("traceback", "Use str(exception)."),
    (
        "typing_extensions",
        "Leave it out: annotations are not checked.",
    ),
    (
        "urllib",
        "Split the text with str.split and str.partition; ask the host for a function that fetches.",
    ),
    ("uuid", "Use f'{random.getrandbits(128):032x}'."),
    ("zoneinfo", "Use datetime.timezone with a fixed offset."),
];

/// For a module that is none of those.
const NO_MODULE: &str = "Packages cannot be installed and there is no network: use the modules that are there, or a function of the host.";

/// The hint for an exception that ended a script.
pub fn hint(exception: &Exception) -> Option<Hint> {
    if exception.message.as_ref()?.len() > MAX_MESSAGE_BYTES {
        return None;
    }
    let line = exception.to_string();
    if let Some(name) = missing_module(&line) {
        let advice = MODULES
            .iter()
            .find(|(module, _)| name == *module)
            .map_or(NO_MODULE, |(_, advice)| advice);
        return Some(new("missing-module", advice));
    }
    SYNTAX
        .iter()
        .chain(RUNTIME)
        .find(|(part, ..)| line.contains(part))
        .map(|(_, code, advice)| new(code, advice))
}

fn missing_module(line: &str) -> Option<&str> {
    let (_, rest) = line.split_once("ModuleNotFoundError: No module named '")?;
    let (name, _) = rest.split_once('\'')?;
    Some(name)
}

fn new(code: &str, advice: &str) -> Hint {
    Hint {
        code: code.to_owned(),
        advice: advice.to_owned(),
    }
}

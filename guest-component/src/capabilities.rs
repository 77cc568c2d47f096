//! What this build of Monty has, for a host that tells it to a model.
//!
//! Monty lists its modules, but not what is in them. The names here were found
//! by asking for every name that CPython has; a test asks for each of them
//! again.

use crate::bindings::exports::monty::sandbox::interpreter::{FeatureSet, ModuleNames};

/// A module and its names.
type Module = (&'static str, &'static [&'static str]);

#[rustfmt::skip]
const MODULES: &[Module] = &[
    ("asyncio", &[
        "gather", "run", "sleep",
    ]),
    ("base64", &[
        "a85decode", "a85encode", "b16decode", "b16encode", "b32decode", "b32encode",
        "b32hexdecode", "b32hexencode", "b64decode", "b64encode", "b85decode",
        "b85encode", "decodebytes", "encodebytes", "MAXBINSIZE", "MAXLINESIZE",
        "standard_b64decode", "standard_b64encode", "urlsafe_b64decode",
        "urlsafe_b64encode",
    ]),
    ("binascii", &[
        "a2b_base64", "a2b_hex", "a2b_qp", "a2b_uu", "b2a_base64", "b2a_hex", "b2a_qp",
        "b2a_uu", "crc32", "crc_hqx", "Error", "hexlify", "Incomplete", "unhexlify",
    ]),
    ("bisect", &[
        "bisect", "bisect_left", "bisect_right", "insort", "insort_left", "insort_right",
    ]),
    ("collections", &[
        "Counter", "defaultdict", "deque", "namedtuple",
    ]),
    ("copy", &[
        "copy", "deepcopy",
    ]),
    ("csv", &[
        "Dialect", "DictReader", "DictWriter", "Error", "excel", "excel_tab",
        "field_size_limit", "get_dialect", "list_dialects", "QUOTE_ALL",
        "QUOTE_MINIMAL", "QUOTE_NONE", "QUOTE_NONNUMERIC", "reader", "unix_dialect",
        "writer",
    ]),
    ("dataclasses", &[
        "dataclass", "field", "FrozenInstanceError", "is_dataclass", "MISSING",
    ]),
    ("datetime", &[
        "date", "datetime", "time", "timedelta", "timezone",
    ]),
    ("decimal", &[
        "BasicContext", "Clamped", "Context", "ConversionSyntax", "Decimal",
        "DecimalException", "DecimalTuple", "DefaultContext", "DivisionByZero",
        "DivisionImpossible", "DivisionUndefined", "ExtendedContext", "FloatOperation",
        "getcontext", "HAVE_CONTEXTVAR", "HAVE_THREADS", "Inexact", "InvalidContext",
        "InvalidOperation", "localcontext", "MAX_EMAX", "MAX_PREC", "MIN_EMIN",
        "MIN_ETINY", "Overflow", "ROUND_05UP", "ROUND_CEILING", "ROUND_DOWN",
        "ROUND_FLOOR", "ROUND_HALF_DOWN", "ROUND_HALF_EVEN", "ROUND_HALF_UP",
        "ROUND_UP", "Rounded", "setcontext", "Subnormal", "Underflow",
    ]),
    ("functools", &[
        "cache", "lru_cache", "partial", "reduce",
    ]),
    ("hashlib", &[
        "algorithms_available", "algorithms_guaranteed", "blake2b", "blake2s", "md5",
        "new", "pbkdf2_hmac", "sha1", "sha224", "sha256", "sha384", "sha3_224",
        "sha3_256", "sha3_384", "sha3_512", "sha512", "shake_128", "shake_256",
    ]),
    ("itertools", &[
        "accumulate", "batched", "chain", "combinations",
        "combinations_with_replacement", "compress", "count", "cycle", "dropwhile",
        "filterfalse", "groupby", "islice", "pairwise", "permutations", "product",
        "repeat", "starmap", "takewhile", "tee", "zip_longest",
    ]),
    ("json", &[
        "dump", "dumps", "JSONDecodeError", "load", "loads",
    ]),
    ("math", &[
        "acos", "acosh", "asin", "asinh", "atan", "atan2", "atanh", "cbrt", "ceil",
        "comb", "copysign", "cos", "cosh", "degrees", "dist", "e", "erf", "erfc", "exp",
        "exp2", "expm1", "fabs", "factorial", "floor", "fma", "fmod", "frexp", "fsum",
        "gamma", "gcd", "hypot", "inf", "isclose", "isfinite", "isinf", "isnan",
        "isqrt", "lcm", "ldexp", "lgamma", "log", "log10", "log1p", "log2", "modf",
        "nan", "nextafter", "perm", "pi", "pow", "prod", "radians", "remainder", "sin",
        "sinh", "sqrt", "sumprod", "tan", "tanh", "tau", "trunc", "ulp",
    ]),
    ("os", &[
        "altsep", "chdir", "curdir", "defpath", "devnull", "environ", "extsep",
        "fspath", "getcwd", "getcwdb", "getenv", "linesep", "listdir", "makedirs",
        "mkdir", "name", "pardir", "path", "pathsep", "remove", "rename", "replace",
        "rmdir", "scandir", "sep", "stat", "unlink", "urandom", "walk",
    ]),
    ("os.path", &[
        "abspath", "altsep", "basename", "commonpath", "commonprefix", "curdir",
        "defpath", "devnull", "dirname", "exists", "expanduser", "expandvars", "extsep",
        "getatime", "getctime", "getmtime", "getsize", "isabs", "isdevdrive", "isdir",
        "isfile", "isjunction", "islink", "ismount", "join", "lexists", "normcase",
        "normpath", "pardir", "pathsep", "realpath", "relpath", "samefile", "samestat",
        "sep", "split", "splitdrive", "splitext", "splitroot",
        "supports_unicode_filenames",
    ]),
    ("pathlib", &[
        "Path",
    ]),
    ("random", &[
        "betavariate", "binomialvariate", "choice", "choices", "expovariate",
        "gammavariate", "gauss", "getrandbits", "getstate", "lognormvariate",
        "normalvariate", "paretovariate", "randbytes", "randint", "Random", "random",
        "randrange", "sample", "seed", "setstate", "shuffle", "triangular", "uniform",
        "vonmisesvariate", "weibullvariate",
    ]),
    ("re", &[
        "A", "ASCII", "compile", "DOTALL", "error", "escape", "findall", "finditer",
        "fullmatch", "I", "IGNORECASE", "M", "Match", "match", "MULTILINE", "NOFLAG",
        "Pattern", "PatternError", "S", "search", "split", "sub",
    ]),
    ("sys", &[
        "abiflags", "api_version", "argv", "base_exec_prefix", "base_prefix",
        "builtin_module_names", "byteorder", "copyright", "dont_write_bytecode",
        "exec_prefix", "executable", "flags", "float_info", "float_repr_style",
        "hexversion", "maxsize", "maxunicode", "platform", "platlibdir", "prefix",
        "pycache_prefix", "stderr", "stdout", "version", "version_info",
    ]),
    ("time", &[
        "altzone", "asctime", "ctime", "daylight", "gmtime", "localtime", "mktime",
        "monotonic", "monotonic_ns", "perf_counter", "perf_counter_ns", "process_time",
        "process_time_ns", "sleep", "strftime", "strptime", "thread_time",
        "thread_time_ns", "time", "time_ns", "timezone", "tzname",
    ]),
    ("tomllib", &[
        "load", "loads", "TOMLDecodeError",
    ]),
    ("typing", &[
        "Annotated", "Any", "Callable", "ClassVar", "Dict", "Final", "FrozenSet",
        "Generator", "Generic", "Iterable", "Iterator", "List", "Literal", "Mapping",
        "Never", "NoReturn", "Optional", "Protocol", "Self", "Sequence", "Set", "Tuple",
        "Type", "TYPE_CHECKING", "TypeVar", "Union",
    ]),
    ("unicodedata", &[
        "category", "combining", "is_normalized", "lookup", "name", "normalize",
        "unidata_version",
    ]),
];

/// Functions, types and exceptions that need no import.
#[rustfmt::skip]
const BUILTINS: &[&str] = &[
    "abs", "all", "any", "ArithmeticError", "AssertionError", "AttributeError",
    "BaseException", "bin", "bool", "bytes", "chr", "complex", "dict", "divmod", "Ellipsis",
    "enumerate", "eval", "Exception", "exec", "FileExistsError", "FileNotFoundError",
    "filter", "float", "format", "frozenset", "getattr", "hasattr", "hash", "hex", "id",
    "ImportError", "IndexError", "int", "IsADirectoryError", "isinstance", "iter",
    "KeyboardInterrupt", "KeyError", "len", "list", "locals", "LookupError", "map", "max",
    "MemoryError", "min", "ModuleNotFoundError", "NameError", "next", "NotADirectoryError",
    "NotImplemented", "NotImplementedError", "object", "oct", "open", "ord", "OSError",
    "OverflowError", "PermissionError", "pow", "print", "property", "range",
    "RecursionError", "repr", "reversed", "round", "RuntimeError", "set", "setattr",
    "slice", "sorted", "StopIteration", "str", "sum", "SyntaxError", "SystemExit",
    "TimeoutError", "tuple", "type", "TypeError", "UnboundLocalError", "UnicodeDecodeError",
    "UnicodeEncodeError", "ValueError", "ZeroDivisionError", "zip",
];

/// Syntax that is refused before a script runs, and last, where Monty cannot
/// wait for the host, which shows when the script gets there.
const UNSUPPORTED_SYNTAX: &[&str] = &[
    "class inheritance and metaclasses",
    "decorators on methods, such as @property",
    "class bodies with anything but methods and simple variables",
    "yield and generator functions",
    "del",
    "async with, async for and async comprehensions",
    "except*",
    "from module import *",
    "type aliases (type X = int)",
    "template strings",
    "the operator @=",
    "calls of the host's functions and file operations in map, in filter, in a key function or in a special method such as __eq__",
];

/// What this build has.
pub fn capabilities() -> FeatureSet {
    FeatureSet {
        version: monty_types::MONTY_VERSION.to_owned(),
        modules: MODULES
            .iter()
            .map(|(name, names)| ModuleNames {
                name: (*name).to_owned(),
                names: owned(names),
            })
            .collect(),
        builtins: owned(BUILTINS),
        unsupported_syntax: owned(UNSUPPORTED_SYNTAX),
    }
}

fn owned(names: &[&str]) -> Vec<String> {
    names.iter().map(|name| (*name).to_owned()).collect()
}

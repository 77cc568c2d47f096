//! Arguments that Python's functions take and Monty's do not.

use ruff_python_ast::ExprCall;
use ruff_text_size::Ranged as _;

use crate::features;
use crate::finding::Finding;

/// The rule.
pub const RULE: &str = "unsupported-argument";

/// Functions of a module, and keyword arguments that they refuse.
struct Refused {
    module: &'static str,
    functions: &'static [&'static str],
    keywords: &'static [&'static str],
    exception: &'static str,
    /// The name of the argument stands for `{}`.
    message: &'static str,
}

const REFUSED: &[Refused] = &[
    Refused {
        module: "json",
        functions: &["dumps", "dump"],
        keywords: &["check_circular", "cls", "default"],
        exception: "TypeError",
        message: "JSONEncoder.__init__() got an unexpected keyword argument '{}'",
    },
    Refused {
        module: "json",
        functions: &["loads", "load"],
        keywords: &["cls", "object_hook", "object_pairs_hook", "parse_constant"],
        exception: "TypeError",
        message: "JSONDecoder.__init__() got an unexpected keyword argument '{}'",
    },
    Refused {
        module: "asyncio",
        functions: &["gather"],
        keywords: &["return_exceptions"],
        exception: "NotImplementedError",
        message: "gather() does not yet support keyword arguments",
    },
];

/// The first argument of a module's function that it refuses.
pub fn of_module(module: &str, function: &str, call: &ExprCall) -> Option<Finding> {
    let refused = REFUSED
        .iter()
        .find(|refused| refused.module == module && refused.functions.contains(&function))?;
    let mut given = call.arguments.keywords.iter();
    given.find_map(|keyword| {
        let name = keyword.arg.as_ref()?.as_str();
        let message = refused.message.replace("{}", name);
        let is_refused = refused.keywords.contains(&name);
        is_refused.then(|| Finding::failure(RULE, keyword.range(), refused.exception, message))
    })
}

/// A second argument of an exception.
pub fn of_exception(name: &str, call: &ExprCall) -> Option<Finding> {
    let is_exception = (name.ends_with("Error") || matches!(name, "Exception" | "SystemExit"))
        && features::BUILTINS.contains(&name);
    let second = call.arguments.args.get(1).filter(|_| is_exception)?;
    // `*arguments` may be one.
    let is_plain = !call.arguments.args.iter().any(|one| one.is_starred_expr());
    is_plain.then(|| {
        let message = "Internal error in monty: exceptions can only be called with zero or one string argument";
        Finding::failure(RULE, second.range(), "RuntimeError", message)
    })
}

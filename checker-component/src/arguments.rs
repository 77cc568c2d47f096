//! Arguments that Python's functions take and Monty's do not.

use ruff_python_ast::ExprCall;
use ruff_text_size::Ranged as _;

use crate::features;
use crate::finding::Finding;

/// The rule.
pub const RULE: &str = "unsupported-argument";

/// Functions of modules, the keyword arguments that they refuse, and what they raise: the
/// name of the argument stands for `{}`.
const KEYWORDS: &[(&str, &[&str], &[&str], &str, &str)] = &[
    (
        "json",
        &["dumps", "dump"],
        &["check_circular", "cls", "default"],
        "TypeError",
        "JSONEncoder.__init__() got an unexpected keyword argument '{}'",
    ),
    (
        "json",
        &["loads", "load"],
        &["cls", "object_hook", "object_pairs_hook", "parse_constant"],
        "TypeError",
        "JSONDecoder.__init__() got an unexpected keyword argument '{}'",
    ),
    (
        "asyncio",
        &["gather"],
        &["return_exceptions"],
        "NotImplementedError",
        "gather() does not yet support keyword arguments",
    ),
];

/// The first argument of a module's function that it refuses.
pub fn of_module(module: &str, function: &str, call: &ExprCall) -> Option<Finding> {
    let mut known = KEYWORDS.iter();
    let (.., keywords, exception, message) =
        known.find(|(of, functions, ..)| *of == module && functions.contains(&function))?;
    let mut given = call.arguments.keywords.iter();
    given.find_map(|keyword| {
        let name = keyword.arg.as_ref()?.as_str();
        let message = message.replace("{}", name);
        let is_refused = keywords.contains(&name);
        is_refused.then(|| Finding::failure(RULE, keyword.range(), exception, message))
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

//! What Python takes as a name.

/// The names that Python keeps for itself, in alphabetical order.
const KEYWORDS: [&str; 35] = [
    "False", "None", "True", "and", "as", "assert", "async", "await", "break", "class", "continue",
    "def", "del", "elif", "else", "except", "finally", "for", "from", "global", "if", "import",
    "in", "is", "lambda", "nonlocal", "not", "or", "pass", "raise", "return", "try", "while",
    "with", "yield",
];

/// Whether a name can stand in Python, or why not.
pub(super) fn check_identifier(name: &str) -> Result<(), String> {
    let mut characters = name.chars();
    let starts = |first: char| first == '_' || unicode_ident::is_xid_start(first);
    if !characters.next().is_some_and(starts) || !characters.all(unicode_ident::is_xid_continue) {
        Err(format!("`{name}` is not a name in Python"))
    } else if KEYWORDS.contains(&name) {
        Err(format!(
            "`{name}` is a keyword of Python: choose another name"
        ))
    } else {
        Ok(())
    }
}

/// Whether a name can stand in Python.
pub(crate) fn is_identifier(name: &str) -> bool {
    check_identifier(name).is_ok()
}

/// The same for a name that may be in modules, such as `math.floor`.
pub(super) fn check_dotted(name: &str) -> Result<(), String> {
    name.split('.')
        .try_for_each(check_identifier)
        .map_err(|error| match name.contains('.') {
            true => format!("`{name}`: {error}"),
            false => error,
        })
}

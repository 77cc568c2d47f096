//! Names in Python.

use syn::{Error, Ident, LitStr, Result};

/// The names that Python keeps for itself, in alphabetical order.
const KEYWORDS: [&str; 35] = [
    "False", "None", "True", "and", "as", "assert", "async", "await", "break", "class", "continue",
    "def", "del", "elif", "else", "except", "finally", "for", "from", "global", "if", "import",
    "in", "is", "lambda", "nonlocal", "not", "or", "pass", "raise", "return", "try", "while",
    "with", "yield",
];

/// The name of an item, or the one that it was given instead.
pub fn name(item: &Ident, given: Option<&LitStr>) -> Result<String> {
    let (name, place) = match given {
        Some(given) => (given.value(), given.span()),
        None => (item.to_string(), item.span()),
    };
    // Rust's way to have its own keywords as names.
    let name = match given {
        Some(_) => name.as_str(),
        None => name.strip_prefix("r#").unwrap_or(&name),
    };
    let mut characters = name.chars();
    let starts = |first: char| first == '_' || unicode_ident::is_xid_start(first);
    if !characters.next().is_some_and(starts) || !characters.all(unicode_ident::is_xid_continue) {
        let message = format!("`{name}` is not a name in Python");
        return Err(Error::new(place, message));
    }
    if KEYWORDS.contains(&name) {
        let message = format!(
            "`{name}` is a keyword of Python: give it another name, such as `#[tool(name = \"{name}_\")]`"
        );
        return Err(Error::new(place, message));
    }
    Ok(name.to_owned())
}

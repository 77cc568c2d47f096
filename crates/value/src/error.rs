//! [`Error`]: failed conversions of values.

use std::fmt::{self, Write as _};

use serde::de::{Expected, Unexpected};

/// A failed conversion from or to a [`Value`](crate::Value).
///
/// Its text is for people and gives the place in the value: `orders[3].price:
/// expected float, got str`.
#[derive(Clone, PartialEq, Eq)]
pub struct Error(Box<Inner>);

#[derive(Clone, PartialEq, Eq)]
struct Inner {
    /// The start of the path: empty, or `$` for a JSON document.
    root: &'static str,
    /// The path to the part, innermost first.
    path: Vec<Step>,
    reason: String,
    /// Whether the value has the requested form, but too long.
    too_long: bool,
}

#[derive(Clone, PartialEq, Eq)]
enum Step {
    Field(String),
    Index(usize),
    Key(String),
}

impl Error {
    /// An error about the whole value.
    pub fn new(reason: impl Into<String>) -> Self {
        Self(Box::new(Inner {
            root: "",
            path: Vec::new(),
            reason: reason.into(),
            too_long: false,
        }))
    }

    /// An error for a value whose text, such as `repr` or `JSON`, exceeds the
    /// allowed number of bytes.
    pub fn too_long(text: &str, max_bytes: usize) -> Self {
        let mut error = Self::new(format!(
            "the {text} of the value is longer than {max_bytes} bytes"
        ));
        error.0.too_long = true;
        error
    }

    /// Whether the value's text exceeds the allowed length of
    /// [`Value::repr_within`](crate::Value::repr_within) and
    /// [`Value::to_json_within`](crate::Value::to_json_within).
    pub fn is_too_long(&self) -> bool {
        self.0.too_long
    }

    /// An error for a value of the wrong kind.
    pub(crate) fn expected(expected: &str, got: &str) -> Self {
        Self::new(format!("expected {expected}, got {}", excerpt(got)))
    }

    /// The same error, seen from the object that has the part as a field.
    pub(crate) fn in_field(mut self, name: &str) -> Self {
        self.0.path.push(Step::Field(excerpt(name)));
        self
    }

    /// The same error, seen from the sequence that has the part as an item.
    pub(crate) fn in_item(mut self, index: usize) -> Self {
        self.0.path.push(Step::Index(index));
        self
    }

    /// The same error, seen from the dict that has the part as a value.
    pub(crate) fn in_entry(mut self, key: &crate::Value) -> Self {
        self.0.path.push(match key.as_str() {
            Some(name) if is_identifier(name) => Step::Field(excerpt(name)),
            _ => Step::Key(excerpt(key)),
        });
        self
    }

    /// The same error with a path that starts with this symbol.
    pub(crate) fn in_root(mut self, root: &'static str) -> Self {
        self.0.root = root;
        self
    }

    /// The path to the part that the error is about, such as `orders[3].price`;
    /// empty for the whole value.
    pub fn path(&self) -> String {
        let mut path = String::from(self.0.root);
        for step in self.0.path.iter().rev() {
            match step {
                Step::Field(name) if path.is_empty() => path.push_str(name),
                Step::Field(name) => {
                    path.push('.');
                    path.push_str(name);
                }
                Step::Index(index) => path.push_str(&format!("[{index}]")),
                Step::Key(key) => path.push_str(&format!("[{key}]")),
            }
        }
        path
    }

    /// The problem there.
    pub fn reason(&self) -> &str {
        &self.0.reason
    }
}

fn is_identifier(name: &str) -> bool {
    !name.is_empty()
        && !name.starts_with(|first: char| first.is_ascii_digit())
        && name.chars().all(|c| c == '_' || c.is_alphanumeric())
}

/// The number of a value's characters that a message quotes.
const LONGEST: usize = 40;

/// A name or a value as part of a message: whole if short, otherwise its
/// beginning and its length.
pub(crate) fn excerpt(value: impl fmt::Display) -> String {
    let mut excerpt = Excerpt::default();
    // Writing an excerpt or a value's text cannot fail.
    let _ = write!(excerpt, "{value}");
    excerpt.finish()
}

/// The same for text, in quotation marks.
pub(crate) fn quoted(text: &str) -> String {
    match text.char_indices().nth(LONGEST) {
        Some((end, _)) => {
            let start = text.get(..end).unwrap_or_default();
            format!("{start:?}… ({} characters)", text.chars().count())
        }
        None => format!("{text:?}"),
    }
}

/// Keeps the beginning of what is written, and counts the rest.
#[derive(Default)]
struct Excerpt {
    start: String,
    characters: usize,
}

impl Excerpt {
    fn finish(self) -> String {
        match self.characters {
            0..=LONGEST => self.start,
            characters => format!("{}… ({characters} characters)", self.start),
        }
    }
}

impl fmt::Write for Excerpt {
    fn write_str(&mut self, text: &str) -> fmt::Result {
        let room = LONGEST.saturating_sub(self.characters);
        self.start.extend(text.chars().take(room));
        self.characters += text.chars().count();
        Ok(())
    }
}

impl fmt::Display for Error {
    fn fmt(&self, formatter: &mut fmt::Formatter<'_>) -> fmt::Result {
        let path = self.path();
        if !path.is_empty() {
            write!(formatter, "{path}: ")?;
        }
        formatter.write_str(&self.0.reason)
    }
}

impl fmt::Debug for Error {
    fn fmt(&self, formatter: &mut fmt::Formatter<'_>) -> fmt::Result {
        formatter
            .debug_tuple("Error")
            .field(&self.to_string())
            .finish()
    }
}

impl std::error::Error for Error {}

impl serde::ser::Error for Error {
    fn custom<T: fmt::Display>(message: T) -> Self {
        Self::new(message.to_string())
    }
}

impl serde::de::Error for Error {
    fn custom<T: fmt::Display>(message: T) -> Self {
        Self::new(message.to_string())
    }

    fn invalid_type(unexpected: Unexpected<'_>, expected: &dyn Expected) -> Self {
        Self::expected(&in_python(expected), python_type(&unexpected))
    }

    fn invalid_value(unexpected: Unexpected<'_>, expected: &dyn Expected) -> Self {
        let got = match unexpected {
            Unexpected::Signed(value) => value.to_string(),
            Unexpected::Unsigned(value) => value.to_string(),
            Unexpected::Str(text) => format!("string {}", quoted(text)),
            other => other.to_string(),
        };
        Self::new(format!("expected {expected}, got {got}"))
    }

    fn unknown_variant(variant: &str, expected: &'static [&'static str]) -> Self {
        unknown("variant", variant, expected)
    }

    fn unknown_field(field: &str, expected: &'static [&'static str]) -> Self {
        unknown("field", field, expected)
    }
}

/// serde's message, with long names shortened.
fn unknown(what: &str, name: &str, expected: &[&str]) -> Error {
    let name = excerpt(name);
    let names: Vec<_> = expected.iter().map(|name| format!("`{name}`")).collect();
    Error::new(match names.as_slice() {
        [] => format!("unknown {what} `{name}`, there are no {what}s"),
        [one] => format!("unknown {what} `{name}`, expected {one}"),
        [one, other] => format!("unknown {what} `{name}`, expected {one} or {other}"),
        names => format!(
            "unknown {what} `{name}`, expected one of {}",
            names.join(", ")
        ),
    })
}

/// The type that serde expects, in Python's terms where possible.
fn in_python(expected: &dyn Expected) -> String {
    let expected = expected.to_string();
    let name = match expected.as_str() {
        "a boolean" => "bool",
        "f32" | "f64" => "float",
        "i8" | "i16" | "i32" | "i64" | "i128" | "isize" => "int",
        "u8" | "u16" | "u32" | "u64" | "u128" | "usize" => "int",
        "a string" => "str",
        "a sequence" => "list",
        "a map" => "dict",
        "unit" => "None",
        _ => return expected,
    };
    name.to_owned()
}

fn python_type<'a>(unexpected: &Unexpected<'a>) -> &'a str {
    match unexpected {
        Unexpected::Bool(_) => "bool",
        Unexpected::Unsigned(_) | Unexpected::Signed(_) => "int",
        Unexpected::Float(_) => "float",
        Unexpected::Char(_) | Unexpected::Str(_) => "str",
        Unexpected::Bytes(_) => "bytes",
        Unexpected::Unit | Unexpected::Option => "NoneType",
        Unexpected::Seq => "list",
        Unexpected::Map => "dict",
        Unexpected::Other(what) => what,
        _ => "something else",
    }
}

impl From<crate::graph::GraphError> for Error {
    fn from(error: crate::graph::GraphError) -> Self {
        Self::new(error.to_string())
    }
}

//! Why a value does not fit its schema, in words that help to mend the call.

use std::fmt::Write as _;

use jsonschema::ValidationError;
use jsonschema::error::{TypeKind, ValidationErrorKind};
use serde_json::Value;

use crate::text;

/// The most characters of a value, a name or a message that are shown, and the
/// most values of a list.
const MAX_EXCERPT: usize = 80;
const MAX_MESSAGE: usize = 300;
const MAX_LISTED: usize = 20;

/// The most characters of a reason and of a place.
const MAX_REASON: usize = 1_000;
const MAX_PLACE: usize = 300;

/// How deep the alternatives of a schema are looked into for the one that was
/// meant.
const MAX_ALTERNATIVES: usize = 3;

/// A value that does not fit.
pub(super) struct Misfit {
    /// The steps to the part that does not fit, each a key or an index.
    pub(super) path: Vec<String>,
    /// What was expected, and what was given.
    pub(super) reason: String,
    /// Whether its type is wrong, and not only its value.
    pub(super) is_type: bool,
}

impl Misfit {
    pub(super) fn of(error: &ValidationError<'_>, schema: &Value) -> Self {
        let misfit = Self::within(error, schema, true);
        Self {
            reason: text::line(&misfit.reason, MAX_REASON),
            ..misfit
        }
    }

    /// A value that does not fit for a reason that takes too long to find.
    pub(super) fn unexplained() -> Self {
        Self {
            path: Vec::new(),
            reason: "the value does not fit, and is nested too deep to say where".to_owned(),
            is_type: false,
        }
    }

    /// As `of`. Only the alternatives of the whole are listed, and not those of
    /// each in turn.
    fn within(error: &ValidationError<'_>, schema: &Value, is_whole: bool) -> Self {
        let meant = meant(error, MAX_ALTERNATIVES);
        let given = excerpt(meant.instance());
        let is_type = matches!(meant.kind(), ValidationErrorKind::Type { .. });
        let reason = match meant.kind() {
            ValidationErrorKind::Type { kind } => {
                format!("expected {}, given {given}", type_names(kind))
            }
            ValidationErrorKind::Enum { options } => {
                let options = options.as_array().map(Vec::as_slice).unwrap_or_default();
                format!(
                    "expected {}, given {given}",
                    one_of(options.iter().map(excerpt))
                )
            }
            ValidationErrorKind::Constant { expected_value } => {
                format!("expected {}, given {given}", excerpt(expected_value))
            }
            ValidationErrorKind::Required { property } => {
                let key = property.as_str().unwrap_or_default();
                format!("the key {} is missing, given {given}", quoted(key))
            }
            ValidationErrorKind::AdditionalProperties { unexpected }
            | ValidationErrorKind::UnevaluatedProperties { unexpected } => {
                let unexpected = listed(unexpected.iter().map(|key| quoted(key)));
                let mut reason = format!("unknown key {unexpected}");
                let known = known_keys(meant, schema);
                if !known.is_empty() {
                    let _ = write!(
                        reason,
                        "; it can have {}",
                        listed(known.iter().map(|key| quoted(key)))
                    );
                }
                reason
            }
            ValidationErrorKind::AnyOf { .. } | ValidationErrorKind::OneOfNotValid { .. }
                if !is_whole =>
            {
                format!("fits none of several alternatives, given {given}")
            }
            ValidationErrorKind::AnyOf { context }
            | ValidationErrorKind::OneOfNotValid { context } => {
                let branches = context.iter().filter_map(|errors| errors.first());
                let reasons =
                    branches.map(|error| Self::within(error, schema, false).placed_within(meant));
                format!(
                    "fits none of the alternatives: {}",
                    listed_by("; ", reasons)
                )
            }
            ValidationErrorKind::FalseSchema => format!("nothing can be here, given {given}"),
            ValidationErrorKind::OneOfMultipleValid { .. } => {
                format!("fits several alternatives that exclude each other, given {given}")
            }
            _ => {
                let message = meant.masked_with("the value").to_string();
                format!("{}, given {given}", text::line(&message, MAX_MESSAGE))
            }
        };
        Self {
            path: steps(meant.instance_path().as_str()),
            reason,
            is_type,
        }
    }

    /// The path as Python writes it, after a name that stands for its first
    /// steps.
    pub(super) fn place(&self, name: &str, named: usize) -> String {
        let mut place = name.to_owned();
        for step in self.path.iter().skip(named) {
            match step.parse::<usize>() {
                Ok(index) => {
                    let _ = write!(place, "[{index}]");
                }
                Err(_) => {
                    let _ = write!(place, "[{}]", quoted(step));
                }
            }
        }
        text::line(&place, MAX_PLACE)
    }

    /// The reason, with the path from another error's place on.
    fn placed_within(self, outer: &ValidationError<'_>) -> String {
        let before = steps(outer.instance_path().as_str()).len();
        match self.place("", before).as_str() {
            "" => self.reason,
            place => format!("{place}: {}", self.reason),
        }
    }
}

/// The error of the alternative that was meant: the one whose errors are
/// deepest in the value, if it is alone with that.
fn meant<'e, 'i>(error: &'e ValidationError<'i>, depth: usize) -> &'e ValidationError<'i>
where
    'static: 'i,
{
    let context = match error.kind() {
        ValidationErrorKind::AnyOf { context } | ValidationErrorKind::OneOfNotValid { context } => {
            context
        }
        _ => return error,
    };
    let deep = |error: &ValidationError<'_>| steps(error.instance_path().as_str()).len();
    let mut branches: Vec<_> = context.iter().filter_map(|errors| errors.first()).collect();
    branches.sort_by_key(|error| std::cmp::Reverse(deep(error)));
    match branches.as_slice() {
        [one] if depth > 0 => meant(one, depth - 1),
        [deepest, next, ..] if depth > 0 && deep(deepest) > deep(next) => meant(deepest, depth - 1),
        _ => error,
    }
}

fn steps(pointer: &str) -> Vec<String> {
    let steps = pointer.split('/').skip(1);
    steps
        .map(|step| step.replace("~1", "/").replace("~0", "~"))
        .collect()
}

/// The keys that the schema of an error lists.
fn known_keys(error: &ValidationError<'_>, schema: &Value) -> Vec<String> {
    let place = error.schema_path().as_str();
    let Some((place, _)) = place.rsplit_once('/') else {
        return Vec::new();
    };
    let properties = schema
        .pointer(place)
        .and_then(|schema| schema.get("properties"));
    let properties = properties.and_then(Value::as_object);
    properties
        .into_iter()
        .flatten()
        .map(|(key, _)| key.clone())
        .collect()
}

fn type_names(kind: &TypeKind) -> String {
    match kind {
        TypeKind::Single(ty) => python_name(&ty.to_string()).to_owned(),
        TypeKind::Multiple(types) => {
            let names: Vec<_> = types.iter().map(|ty| ty.to_string()).collect();
            one_of(names.iter().map(|name| python_name(name).to_owned()))
        }
    }
}

/// Python's name for a JSON type.
fn python_name(json: &str) -> &str {
    match json {
        "string" => "str",
        "integer" => "int",
        "number" => "float",
        "boolean" => "bool",
        "null" => "None",
        "array" => "list",
        "object" => "dict",
        other => other,
    }
}

/// A value in a few words.
fn excerpt(value: &Value) -> String {
    match value {
        Value::Null => "None".to_owned(),
        Value::Bool(true) => "True".to_owned(),
        Value::Bool(false) => "False".to_owned(),
        Value::Number(number) => number.to_string(),
        Value::String(text) => quoted(text),
        Value::Array(items) if items.is_empty() => "[]".to_owned(),
        Value::Array(items) => format!("a list of {}", items.len()),
        Value::Object(entries) if entries.is_empty() => "{}".to_owned(),
        Value::Object(entries) => {
            let keys = entries.keys().map(|key| quoted(key));
            format!("a dict with {}", listed(keys))
        }
    }
}

fn quoted(text: &str) -> String {
    match text.char_indices().nth(MAX_EXCERPT) {
        Some((end, _)) => {
            let start = text.get(..end).unwrap_or_default();
            format!(
                "{}… ({} characters)",
                text::literal(start),
                text.chars().count()
            )
        }
        None => text::literal(text),
    }
}

fn one_of(options: impl Iterator<Item = String>) -> String {
    listed_by(" or ", options)
}

pub(super) fn listed(parts: impl Iterator<Item = String>) -> String {
    listed_by(", ", parts)
}

fn listed_by(separator: &str, mut parts: impl Iterator<Item = String>) -> String {
    let shown: Vec<_> = parts.by_ref().take(MAX_LISTED).collect();
    let mut text = shown.join(separator);
    let more = parts.count();
    if more > 0 {
        let _ = write!(text, "{separator}{more} more");
    }
    text
}

//! Types and defaults as Python source.

use std::fmt::Write as _;

use monty_host::{Type, Value};

use crate::text;

/// The longest default that is written out.
const MAX_DEFAULT: usize = 120;

/// A type as an annotation. The names of the records in it come in the order in
/// which they stand in it; one without a name is `Any`.
pub(super) fn annotation(ty: &Type, names: &mut dyn Iterator<Item = Option<&str>>) -> String {
    let mut annotation = String::new();
    write(&mut annotation, ty, names);
    annotation
}

fn write(text: &mut String, ty: &Type, names: &mut dyn Iterator<Item = Option<&str>>) {
    let mut generic = |text: &mut String, name: &str, members: &[&Type], more: &str| {
        text.push_str(name);
        text.push('[');
        for (index, member) in members.iter().enumerate() {
            if index > 0 {
                text.push_str(", ");
            }
            write(text, member, names);
        }
        text.push_str(more);
        text.push(']');
    };
    match ty {
        Type::List(items) => generic(text, "list", &[items], ""),
        Type::Set(items) => generic(text, "set", &[items], ""),
        Type::FrozenSet(items) => generic(text, "frozenset", &[items], ""),
        Type::TupleOf(items) => generic(text, "tuple", &[items], ", ..."),
        Type::Tuple(members) if members.is_empty() => text.push_str("tuple[()]"),
        Type::Tuple(members) => generic(text, "tuple", &members.iter().collect::<Vec<_>>(), ""),
        Type::Dict(keys, values) => generic(text, "dict", &[keys, values], ""),
        Type::Union(members) if members.is_empty() => text.push_str("Never"),
        Type::Union(members) => {
            for (index, member) in members.iter().enumerate() {
                if index > 0 {
                    text.push_str(" | ");
                }
                write(text, member, names);
            }
        }
        Type::Literal(values) => {
            let shown = values.iter().map(literal).collect::<Option<Vec<_>>>();
            match shown {
                Some(shown) if !shown.is_empty() => {
                    let _ = write!(text, "Literal[{}]", shown.join(", "));
                }
                _ => text.push_str("Any"),
            }
        }
        Type::Record(_) | Type::Enclosing(_) => {
            text.push_str(names.next().flatten().unwrap_or("Any"));
        }
        other => {
            let _ = write!(text, "{other}");
        }
    }
}

/// A value as Python allows it in `Literal`.
fn literal(value: &Value) -> Option<String> {
    match value {
        Value::Str(value) => Some(text::literal(value)),
        Value::None | Value::Bool(_) | Value::Int(_) | Value::BigInt(_) | Value::Bytes(_) => {
            Some(value.to_string())
        }
        _ => None,
    }
}

/// A default, or `...` for what is too long or is no literal.
pub(super) fn default(value: &Value) -> String {
    let mut source = String::new();
    match add_default(&mut source, value) {
        Some(()) => source,
        None => "...".to_owned(),
    }
}

fn add_default(source: &mut String, value: &Value) -> Option<()> {
    let separate = |source: &mut String, index: usize| {
        if index > 0 {
            source.push_str(", ");
        }
    };
    match value {
        Value::Str(value) if value.len() <= MAX_DEFAULT => source.push_str(&text::literal(value)),
        Value::None | Value::Bool(_) | Value::Int(_) => {
            let _ = write!(source, "{value}");
        }
        Value::Float(float) if float.is_finite() => {
            let _ = write!(source, "{value}");
        }
        Value::List(items) => {
            source.push('[');
            for (index, item) in items.iter().enumerate() {
                separate(source, index);
                add_default(source, item)?;
            }
            source.push(']');
        }
        Value::Dict(entries) => {
            source.push('{');
            for (index, (key, value)) in entries.iter().enumerate() {
                separate(source, index);
                add_default(source, key)?;
                source.push_str(": ");
                add_default(source, value)?;
            }
            source.push('}');
        }
        _ => return None,
    }
    (source.len() <= MAX_DEFAULT).then_some(())
}

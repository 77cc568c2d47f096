//! The posted document.

use std::sync::Arc;

use monty_document::units::{parse_duration, parse_size};
use monty_runner::{Limits, Request, Script};
use monty_value::Value;

use crate::settings::Settings;

/// An example document, for error messages.
const EXAMPLE: &str = r#"{"source": "print(1)"}"#;

/// Reads a document. The text of an error is for the sender.
pub fn parse(body: &[u8], settings: &Settings) -> Result<Request, String> {
    // Read as Python reads JSON, so that its inputs lose nothing.
    let document = Value::from_json_slice(body)
        .map_err(|error| format!("the body is not JSON ({error}): send {EXAMPLE}"))?;
    let entries = object(document).map_err(|document| {
        let kind = kind(&document);
        format!("the body is {kind} and should be an object: send {EXAMPLE}")
    })?;
    let mut fields = Fields { path: "", entries };
    let source = fields
        .take("source", "a string", text)?
        .ok_or_else(|| format!("`source`, the script, is missing: send {EXAMPLE}"))?;
    let inputs = fields.take("inputs", "an object", object)?;
    let limits = fields.take("limits", "an object", object)?;
    fields.finish("source, inputs and limits")?;
    Ok(Request {
        script: Script {
            name: "script.py".to_owned(),
            source,
        },
        inputs: inputs.unwrap_or_default(),
        working_directory: None,
        limits: asked(limits.unwrap_or_default(), settings.limits)?,
        keep_prints: true,
    })
}

/// The requested limits, at most those of the service.
fn asked(entries: Entries, most: Limits) -> Result<Limits, String> {
    let mut fields = Fields {
        path: "limits.",
        entries,
    };
    let duration = fields.take("duration", "a string such as \"500ms\"", text)?;
    let memory = fields.take("memory", "a string such as \"64MiB\"", text)?;
    let depth = fields.take("recursion_depth", "a whole number of calls", |value| {
        value
            .as_i64()
            .and_then(|depth| u64::try_from(depth).ok())
            .ok_or(value)
    })?;
    fields.finish("duration, memory and recursion_depth")?;
    let duration = duration.as_deref().map(parse_duration).transpose();
    let memory = memory.as_deref().map(parse_size).transpose();
    let depth = depth.unwrap_or_else(|| most.recursion_depth.into());
    let limits = Limits {
        duration: duration
            .map_err(|error| format!("`limits.duration`: {error}"))?
            .unwrap_or(most.duration),
        memory_bytes: memory
            .map_err(|error| format!("`limits.memory`: {error}"))?
            .unwrap_or(most.memory_bytes),
        recursion_depth: u32::try_from(depth).unwrap_or(u32::MAX),
        ..most
    };
    if limits.duration > most.duration {
        return Err(format!("`limits.duration`: at most {:?}", most.duration));
    }
    if limits.memory_bytes > most.memory_bytes {
        return Err(format!(
            "`limits.memory`: at most {} bytes",
            most.memory_bytes
        ));
    }
    if limits.recursion_depth > most.recursion_depth {
        return Err(format!(
            "`limits.recursion_depth`: at most {}",
            most.recursion_depth
        ));
    }
    Ok(limits)
}

/// The entries of an object, with unique names.
type Entries = Vec<(String, Value)>;

/// The fields of an object not yet read.
struct Fields {
    /// The path of the object, to put before the name of a field.
    path: &'static str,
    entries: Entries,
}

impl Fields {
    /// A field, if it is there and not null. What it should be is said if
    /// `read` hands the value back.
    fn take<T>(
        &mut self,
        name: &str,
        expected: &str,
        read: impl Fn(Value) -> Result<T, Value>,
    ) -> Result<Option<T>, String> {
        let Some(index) = self.entries.iter().position(|(found, _)| found == name) else {
            return Ok(None);
        };
        match self.entries.remove(index).1 {
            Value::None => Ok(None),
            value => read(value).map(Some).map_err(|value| {
                let (path, kind) = (self.path, kind(&value));
                format!("`{path}{name}` is {kind} and should be {expected}")
            }),
        }
    }

    /// Rejects fields that were not read.
    fn finish(self, known: &str) -> Result<(), String> {
        match self.entries.first() {
            None => Ok(()),
            Some((name, _)) => {
                let shown: String = name.chars().take(NAME_CHARACTERS).collect();
                let path = self.path;
                Err(format!(
                    "`{path}{shown}` is not a field; the fields are {known}"
                ))
            }
        }
    }
}

/// The part of a name that an error quotes.
const NAME_CHARACTERS: usize = 100;

fn text(value: Value) -> Result<String, Value> {
    value.as_str().map(str::to_owned).ok_or(value)
}

fn object(value: Value) -> Result<Entries, Value> {
    let Value::Dict(entries) = value else {
        return Err(value);
    };
    // The names of a JSON object are text, and each stands in the dict once.
    Ok(Arc::unwrap_or_clone(entries)
        .into_iter()
        .filter_map(|(name, value)| Some((name.as_str()?.to_owned(), value)))
        .collect())
}

/// The type of a value read from JSON, in words.
fn kind(value: &Value) -> String {
    match value {
        Value::None => "null".to_owned(),
        Value::Bool(value) => value.to_string(),
        Value::Int(_) | Value::BigInt(_) | Value::Float(_) => format!("the number {value}"),
        Value::Str(_) => "a string".to_owned(),
        Value::List(_) => "an array".to_owned(),
        _ => "an object".to_owned(),
    }
}

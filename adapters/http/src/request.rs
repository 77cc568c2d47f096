//! What is posted.

use monty_runner::units::{parse_duration, parse_size};
use monty_runner::{Limits, Request, Script};
use monty_value::Value;
use serde_json::{Map, Value as Json};

use crate::settings::Settings;

/// What a document looks like, for the texts of errors.
const EXAMPLE: &str = r#"{"source": "print(1)"}"#;

/// Reads a document. The text of an error is for whoever sent it.
pub fn parse(body: &[u8], settings: &Settings) -> Result<Request, String> {
    let document: Json = serde_json::from_slice(body)
        .map_err(|error| format!("the body is not JSON ({error}): send {EXAMPLE}"))?;
    let Json::Object(entries) = document else {
        let kind = kind(&document);
        return Err(format!(
            "the body is {kind} and should be an object: send {EXAMPLE}"
        ));
    };
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
        inputs: inputs
            .unwrap_or_default()
            .into_iter()
            .map(|(name, value)| (name, Value::from_json(value)))
            .collect(),
        working_directory: None,
        limits: asked(limits.unwrap_or_default(), settings.limits)?,
        keep_prints: true,
    })
}

/// The limits that a request asks for, at most those of the service.
fn asked(entries: Map<String, Json>, most: Limits) -> Result<Limits, String> {
    let mut fields = Fields {
        path: "limits.",
        entries,
    };
    let duration = fields.take("duration", "a string such as \"500ms\"", text)?;
    let memory = fields.take("memory", "a string such as \"64MiB\"", text)?;
    let depth = fields.take("recursion_depth", "a whole number of calls", |value| {
        value.as_u64().ok_or(value)
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

/// The fields of an object that were not read yet.
struct Fields {
    /// Where the object stands, before the name of a field.
    path: &'static str,
    entries: Map<String, Json>,
}

impl Fields {
    /// A field, if it is there and not null. What it should be is said if
    /// `read` hands the value back.
    fn take<T>(
        &mut self,
        name: &str,
        expected: &str,
        read: impl Fn(Json) -> Result<T, Json>,
    ) -> Result<Option<T>, String> {
        match self.entries.shift_remove(name) {
            None | Some(Json::Null) => Ok(None),
            Some(value) => read(value).map(Some).map_err(|value| {
                let (path, kind) = (self.path, kind(&value));
                format!("`{path}{name}` is {kind} and should be {expected}")
            }),
        }
    }

    /// Refuses fields that nobody read.
    fn finish(self, known: &str) -> Result<(), String> {
        match self.entries.keys().next() {
            None => Ok(()),
            Some(name) => {
                let shown: String = name.chars().take(NAME_CHARACTERS).collect();
                let path = self.path;
                Err(format!(
                    "`{path}{shown}` is not a field; the fields are {known}"
                ))
            }
        }
    }
}

/// What an error quotes of a name.
const NAME_CHARACTERS: usize = 100;

fn text(value: Json) -> Result<String, Json> {
    match value {
        Json::String(text) => Ok(text),
        other => Err(other),
    }
}

fn object(value: Json) -> Result<Map<String, Json>, Json> {
    match value {
        Json::Object(entries) => Ok(entries),
        other => Err(other),
    }
}

/// What a value is, in words.
fn kind(value: &Json) -> String {
    match value {
        Json::Null | Json::Bool(_) => value.to_string(),
        Json::Number(number) => format!("the number {number}"),
        Json::String(_) => "a string".to_owned(),
        Json::Array(_) => "an array".to_owned(),
        Json::Object(_) => "an object".to_owned(),
    }
}

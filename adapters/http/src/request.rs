//! What is posted.

use monty_runner::units::{parse_duration, parse_size};
use monty_runner::{Limits, Request, Script};
use monty_value::Value;
use serde::Deserialize;
use serde_json::{Map, Value as Json};

use crate::settings::Settings;

/// The document.
#[derive(Deserialize)]
#[serde(deny_unknown_fields)]
struct Document {
    /// The script.
    source: String,
    /// Its global variables.
    #[serde(default)]
    inputs: Map<String, Json>,
    /// What it may use up.
    #[serde(default)]
    limits: Asked,
}

/// Limits, as `monty-host run` has them.
#[derive(Default, Deserialize)]
#[serde(deny_unknown_fields)]
struct Asked {
    duration: Option<String>,
    memory: Option<String>,
    recursion_depth: Option<u32>,
}

/// Reads a document. The text of an error is for whoever sent it.
pub fn parse(body: &[u8], settings: &Settings) -> Result<Request, String> {
    // Said first: serde would read an array, field by field.
    if body.trim_ascii_start().first() != Some(&b'{') {
        return Err("the body is not valid: send a JSON object with a `source`".to_owned());
    }
    let document: Document =
        serde_json::from_slice(body).map_err(|error| format!("the body is not valid: {error}"))?;
    let inputs = document.inputs.into_iter();
    Ok(Request {
        script: Script {
            name: "script.py".to_owned(),
            source: document.source,
        },
        inputs: inputs
            .map(|(name, value)| (name, Value::from_json(value)))
            .collect(),
        working_directory: None,
        limits: limits(&document.limits, settings.limits)?,
        kept_print_bytes: Some(settings.max_output_bytes),
    })
}

fn limits(asked: &Asked, most: Limits) -> Result<Limits, String> {
    let duration = asked.duration.as_deref().map(parse_duration).transpose();
    let memory = asked.memory.as_deref().map(parse_size).transpose();
    let limits = Limits {
        duration: duration
            .map_err(|error| format!("limits.duration: {error}"))?
            .unwrap_or(most.duration),
        memory_bytes: memory
            .map_err(|error| format!("limits.memory: {error}"))?
            .unwrap_or(most.memory_bytes),
        recursion_depth: asked.recursion_depth.unwrap_or(most.recursion_depth),
    };
    if limits.duration > most.duration {
        return Err(format!("limits.duration: at most {:?}", most.duration));
    }
    if limits.memory_bytes > most.memory_bytes {
        return Err(format!(
            "limits.memory: at most {} bytes",
            most.memory_bytes
        ));
    }
    if limits.recursion_depth > most.recursion_depth {
        return Err(format!(
            "limits.recursion_depth: at most {}",
            most.recursion_depth
        ));
    }
    Ok(limits)
}

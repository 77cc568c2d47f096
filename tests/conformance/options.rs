//! What a script is run with.

use monty_value::Encoder;
use monty_value::Value;
use monty_value::graph::GraphCaps;
use monty_value::types::{Duration, NamedOperand};
use serde_json::Value as Json;
use wasmtime::Result;

use super::bindings::exports::monty::sandbox::interpreter::{FeedOptions, Inputs, Limits, Options};
use super::meaning::{number, wide};

/// Inputs, in one message.
pub fn inputs(values: &[(String, Value)]) -> Result<Option<Inputs>> {
    if values.is_empty() {
        return Ok(None);
    }
    let mut encoder = Encoder::new(GraphCaps::DEFAULT);
    let values = values
        .iter()
        .map(|(name, value)| NamedOperand {
            name: name.clone(),
            value: encoder.operand(value),
        })
        .collect();
    Ok(Some(Inputs {
        values,
        graph: encoder.finish()?,
    }))
}

/// Options, of which these are set.
pub fn options(data: &Json, inputs: Option<Inputs>) -> Options {
    let limits = data.get("limits").map(|limits| Limits {
        max_duration: limits.get("max-duration").map(wide::<Duration>),
        max_memory: limits.get("max-memory").map(wide),
        max_recursion_depth: limits.get("max-recursion-depth").map(number),
        gc_interval: None,
    });
    Options {
        script_name: None,
        inputs,
        working_directory: None,
        limits,
        clock: None,
        local_timezone: None,
        randomness: None,
        line_buffered: data.get("line-buffered").and_then(Json::as_bool),
        explain_assertions: None,
        extensions: None,
    }
}

/// No options for a snippet.
pub fn feed_options() -> FeedOptions {
    FeedOptions {
        inputs: None,
        limits: None,
        line_buffered: None,
        extensions: None,
    }
}

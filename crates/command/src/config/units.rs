//! Sizes and durations, in the spellings of the command line.

use std::borrow::Cow;
use std::time::Duration;

use monty_document::units::{parse_duration, parse_size};
use schemars::{JsonSchema, Schema, SchemaGenerator, json_schema};
use serde::de::Error as _;
use serde::{Deserialize, Deserializer};

/// A number of bytes, or a text such as `64MiB`.
#[derive(Clone, Copy)]
pub struct Size(pub u64);

/// A number of seconds, or a text such as `500ms`.
#[derive(Clone, Copy)]
pub struct Time(pub Duration);

#[derive(Deserialize)]
#[serde(untagged)]
enum Written {
    Number(serde_json::Number),
    Text(String),
}

/// A number or a text, as text.
fn written<'de, D: Deserializer<'de>>(deserializer: D, advice: &str) -> Result<String, D::Error> {
    match Written::deserialize(deserializer) {
        Ok(Written::Number(number)) => Ok(number.to_string()),
        Ok(Written::Text(text)) => Ok(text),
        Err(_) => Err(D::Error::custom(advice)),
    }
}

impl<'de> Deserialize<'de> for Size {
    fn deserialize<D: Deserializer<'de>>(deserializer: D) -> Result<Self, D::Error> {
        let advice = "a size is a number of bytes, or a text such as \"64MiB\"";
        let text = written(deserializer, advice)?;
        parse_size(&text).map(Self).map_err(D::Error::custom)
    }
}

impl<'de> Deserialize<'de> for Time {
    fn deserialize<D: Deserializer<'de>>(deserializer: D) -> Result<Self, D::Error> {
        let advice = "a duration is a number of seconds, or a text such as \"500ms\"";
        let text = written(deserializer, advice)?;
        parse_duration(&text).map(Self).map_err(D::Error::custom)
    }
}

impl JsonSchema for Size {
    fn schema_name() -> Cow<'static, str> {
        "Size".into()
    }

    fn json_schema(_: &mut SchemaGenerator) -> Schema {
        json_schema!({
            "description": "A number of bytes, or a text such as \"64MiB\"",
            "anyOf": [
                { "type": "integer", "minimum": 0 },
                { "type": "string", "pattern": "^[0-9_]*(\\.[0-9_]+)? *([kKmMgGtT]([iI]?[bB])?|[bB])?$" },
            ],
        })
    }
}

impl JsonSchema for Time {
    fn schema_name() -> Cow<'static, str> {
        "Time".into()
    }

    fn json_schema(_: &mut SchemaGenerator) -> Schema {
        json_schema!({
            "description": "A number of seconds, or a text such as \"500ms\", \"2s\", \"10min\" or \"1h30m\"",
            "anyOf": [
                { "type": "number", "minimum": 0 },
                { "type": "string", "pattern": "^[0-9_.]+$|^([0-9_.]+ *([uUµμ][sS]|[mM]?[sS]|[sS][eE][cC][sS]?|[mM]|[mM][iI][nN][sS]?|[hH]|[hH][rR][sS]?) *)+$" },
            ],
        })
    }
}

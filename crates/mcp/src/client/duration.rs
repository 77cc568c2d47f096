//! Durations as people write them.

use std::borrow::Cow;
use std::fmt;
use std::time::Duration;

use schemars::{JsonSchema, Schema, SchemaGenerator, json_schema};
use serde::de::{Error, Unexpected, Visitor};
use serde::{Deserialize, Deserializer, Serialize, Serializer};

/// The longest that a time limit can be.
const MOST: Duration = Duration::from_secs(24 * 60 * 60);

/// A duration such as `"30s"`, or a number of seconds.
#[derive(Clone, Copy, Debug, PartialEq)]
pub(super) struct Span(pub(super) Duration);

const EXPECTED: &str =
    "a duration of at most a day, such as \"30s\", \"500ms\", \"2m\" or a number of seconds";

impl Span {
    fn from_seconds(seconds: f64) -> Option<Self> {
        let duration = Duration::try_from_secs_f64(seconds).ok()?;
        (duration > Duration::ZERO && duration <= MOST).then_some(Self(duration))
    }

    fn parse(text: &str) -> Option<Self> {
        let text = text.trim();
        let end = text.find(|c: char| !c.is_ascii_digit() && c != '.');
        let (number, unit) = text.split_at(end.unwrap_or(text.len()));
        let number: f64 = number.parse().ok()?;
        let unit = match unit.trim() {
            "" | "s" => 1.0,
            "ms" => 0.001,
            "m" | "min" => 60.0,
            "h" => 3600.0,
            _ => return None,
        };
        Self::from_seconds(number * unit)
    }
}

impl fmt::Display for Span {
    fn fmt(&self, formatter: &mut fmt::Formatter<'_>) -> fmt::Result {
        match self.0.subsec_millis() {
            0 => write!(formatter, "{}s", self.0.as_secs()),
            _ => write!(formatter, "{}ms", self.0.as_millis()),
        }
    }
}

impl<'de> Deserialize<'de> for Span {
    fn deserialize<D: Deserializer<'de>>(deserializer: D) -> Result<Self, D::Error> {
        struct Written;

        impl Visitor<'_> for Written {
            type Value = Span;

            fn expecting(&self, formatter: &mut fmt::Formatter<'_>) -> fmt::Result {
                formatter.write_str(EXPECTED)
            }

            fn visit_str<E: Error>(self, text: &str) -> Result<Span, E> {
                Span::parse(text).ok_or_else(|| E::invalid_value(Unexpected::Str(text), &self))
            }

            fn visit_f64<E: Error>(self, seconds: f64) -> Result<Span, E> {
                Span::from_seconds(seconds)
                    .ok_or_else(|| E::invalid_value(Unexpected::Float(seconds), &self))
            }

            fn visit_u64<E: Error>(self, seconds: u64) -> Result<Span, E> {
                let duration = Duration::from_secs(seconds);
                match seconds > 0 && duration <= MOST {
                    true => Ok(Span(duration)),
                    false => Err(E::invalid_value(Unexpected::Unsigned(seconds), &self)),
                }
            }

            fn visit_i64<E: Error>(self, seconds: i64) -> Result<Span, E> {
                match u64::try_from(seconds) {
                    Ok(seconds) => self.visit_u64(seconds),
                    Err(_) => Err(E::invalid_value(Unexpected::Signed(seconds), &self)),
                }
            }
        }

        deserializer.deserialize_any(Written)
    }
}

impl Serialize for Span {
    fn serialize<S: Serializer>(&self, serializer: S) -> Result<S::Ok, S::Error> {
        serializer.collect_str(self)
    }
}

impl JsonSchema for Span {
    fn schema_name() -> Cow<'static, str> {
        "Duration".into()
    }

    fn inline_schema() -> bool {
        true
    }

    fn json_schema(_: &mut SchemaGenerator) -> Schema {
        json_schema!({
            "type": ["string", "number"],
            "description": "Such as \"30s\", \"500ms\" or \"2m\", or a number of seconds",
            "pattern": "^[0-9.]+ *(ms|s|m|min|h)?$",
            "exclusiveMinimum": 0,
        })
    }
}

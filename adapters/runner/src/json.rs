//! A value as JSON that is written as it is walked: `Value::to_json` makes a
//! copy first, in which shared objects stand at each place that holds them.

use monty_value::Value;
use serde::ser::{Error as _, SerializeMap};
use serde::{Serialize, Serializer};

/// How deep JSON readers go.
const MAX_DEPTH: u32 = 127;

/// A value as JSON, by the rules of `Value::to_json`: what has no JSON form is
/// an error.
pub(crate) struct Json<'a> {
    value: &'a Value,
    depth: u32,
}

impl<'a> Json<'a> {
    pub fn new(value: &'a Value) -> Self {
        Self { value, depth: 0 }
    }

    fn inner<E: serde::ser::Error>(&self) -> Result<impl Fn(&'a Value) -> Self + use<'a, E>, E> {
        let depth = self.depth + 1;
        if depth > MAX_DEPTH {
            return Err(E::custom("nested too deep for JSON"));
        }
        Ok(move |value| Self { value, depth })
    }
}

impl Serialize for Json<'_> {
    fn serialize<S: Serializer>(&self, serializer: S) -> Result<S::Ok, S::Error> {
        let no_form = || S::Error::custom("no JSON form");
        match self.value {
            Value::None => serializer.serialize_unit(),
            Value::Bool(value) => serializer.serialize_bool(*value),
            Value::Int(value) => serializer.serialize_i64(*value),
            Value::BigInt(value) => {
                serializer.serialize_u64(u64::try_from(&**value).map_err(|_| no_form())?)
            }
            Value::Float(value) if value.is_finite() => serializer.serialize_f64(*value),
            Value::Str(text) => serializer.serialize_str(text),
            Value::List(items) | Value::Tuple(items) => {
                serializer.collect_seq(items.iter().map(self.inner()?))
            }
            Value::Dict(dict) => {
                let inner = self.inner()?;
                let mut map = serializer.serialize_map(Some(dict.len()))?;
                for (key, value) in &**dict {
                    map.serialize_entry(key.as_str().ok_or_else(no_form)?, &inner(value))?;
                }
                map.end()
            }
            _ => Err(no_form()),
        }
    }
}

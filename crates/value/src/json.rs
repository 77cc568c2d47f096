//! JSON to and from a [`Value`], without loss.

use std::collections::HashMap;
use std::collections::hash_map::Entry;
use std::sync::Arc;

use jiter::{JsonErrorType, JsonValue};
use num_bigint::BigInt;
use serde_json::{Map, Number};

use crate::error::excerpt;
use crate::shape::deeper;
use crate::{Dict, Error, Value};

impl Value {
    /// The text of a JSON document as a Python object, as `json.loads` reads
    /// it: an array is a list, an integer of up to 4300 digits is an `int`, of
    /// keys that are there twice the last counts.
    ///
    /// ```
    /// use monty_value::Value;
    ///
    /// let value = Value::from_json_str("[1.5, 36893488147419103232]")?;
    /// assert_eq!(value.to_string(), "[1.5, 36893488147419103232]");
    /// # Ok::<_, monty_value::Error>(())
    /// ```
    ///
    /// # Errors
    ///
    /// If the text is not JSON, which `NaN` and infinities are not either, is
    /// nested more than 201 levels deep, or holds a number of more than 4300
    /// digits; the error says what and where.
    pub fn from_json_str(text: &str) -> Result<Self, Error> {
        Self::from_json_slice(text.as_bytes())
    }

    /// The same for text in UTF-8.
    ///
    /// # Errors
    ///
    /// As [`from_json_str`](Self::from_json_str), or if the text is not UTF-8.
    pub fn from_json_slice(text: &[u8]) -> Result<Self, Error> {
        JsonValue::parse(text, false)
            .map(from_parsed)
            .map_err(|error| {
                let (reason, advice) = match &error.error_type {
                    JsonErrorType::NumberOutOfRange => (
                        "a number of more than 4300 digits".to_owned(),
                        "; Python converts no more, so write it as a string",
                    ),
                    JsonErrorType::RecursionLimitExceeded => (
                        "arrays and objects nested more than 201 levels deep".to_owned(),
                        "; nest them less",
                    ),
                    reason => (reason.to_string(), ""),
                };
                let place = error.get_position(text);
                Error::new(format!(
                    "{reason} at line {} column {}{advice}",
                    place.line, place.column
                ))
            })
    }

    /// A JSON document that was parsed already as a Python object: an array is
    /// a list, an integer an `int`.
    ///
    /// `serde_json` keeps integers from -2^63 to 2^64 - 1, and has made any
    /// other a float before this sees it, unless its feature
    /// `arbitrary_precision` is on. [`from_json_str`](Self::from_json_str)
    /// loses nothing.
    pub fn from_json(json: serde_json::Value) -> Self {
        match json {
            serde_json::Value::Null => Self::None,
            serde_json::Value::Bool(value) => Self::Bool(value),
            serde_json::Value::Number(number) => from_number(&number),
            serde_json::Value::String(text) => Self::from(text),
            serde_json::Value::Array(items) => Self::list(items.into_iter().map(Self::from_json)),
            serde_json::Value::Object(entries) => {
                let entries = entries.into_iter();
                entries
                    .map(|(key, value)| (key, Self::from_json(value)))
                    .collect::<Dict>()
                    .into()
            }
        }
    }

    /// The object as JSON, as `json.dumps` writes it: a tuple is an array too.
    ///
    /// What JSON cannot hold is refused, never changed: bytes, sets, NaN and
    /// infinities, keys that are no `str`, ints beyond 64 bits, dates, and
    /// objects of any class.
    ///
    /// ```
    /// use monty_value::Value;
    ///
    /// let rows = Value::dict([("rows", Value::list([1.5, f64::INFINITY]))]);
    /// let error = rows.to_json().unwrap_err();
    /// assert_eq!(error.to_string(), "$.rows[1]: inf has no JSON form");
    /// ```
    ///
    /// # Errors
    ///
    /// If something has no JSON form, or the object is nested more than 127
    /// levels deep, which is what JSON readers take; the error says what and
    /// where.
    pub fn to_json(&self) -> Result<serde_json::Value, Error> {
        to_json(self, 0, &mut Room(None)).map_err(|error| error.in_root("$"))
    }

    /// The same, if the document has no more bytes than that as text without
    /// blanks.
    ///
    /// A small value can have a long document, because an object that it holds
    /// many times is written out each time. Neither time nor memory goes
    /// beyond a multiple of `max_bytes`.
    ///
    /// # Errors
    ///
    /// As [`to_json`](Self::to_json), or if the document is longer;
    /// [`Error::is_too_long`] then holds.
    pub fn to_json_within(&self, max_bytes: usize) -> Result<serde_json::Value, Error> {
        to_json(self, 0, &mut Room(Some(max_bytes))).map_err(|error| {
            if error.is_too_long() {
                Error::too_long("JSON", max_bytes)
            } else {
                error.in_root("$")
            }
        })
    }
}

impl From<serde_json::Value> for Value {
    fn from(json: serde_json::Value) -> Self {
        Self::from_json(json)
    }
}

fn from_number(number: &Number) -> Value {
    if let Some(value) = number.as_i64() {
        return Value::Int(value);
    }
    // Where another crate makes serde_json keep every digit, so does this.
    let digits = number.to_string();
    match digits.parse::<BigInt>() {
        Ok(value) => Value::from(value),
        Err(_) => Value::Float(digits.parse().unwrap_or(f64::NAN)),
    }
}

fn from_parsed(json: JsonValue<'_>) -> Value {
    match json {
        JsonValue::Null => Value::None,
        JsonValue::Bool(value) => Value::Bool(value),
        JsonValue::Int(value) => Value::Int(value),
        JsonValue::BigInt(value) => Value::from(value),
        JsonValue::Float(value) => Value::Float(value),
        JsonValue::Str(text) => Value::from(text.into_owned()),
        JsonValue::Array(items) => {
            Value::list(Arc::unwrap_or_clone(items).into_iter().map(from_parsed))
        }
        JsonValue::Object(entries) => {
            let mut places = HashMap::with_capacity(entries.len());
            let mut distinct: Vec<(Value, Value)> = Vec::with_capacity(entries.len());
            for (key, value) in Arc::unwrap_or_clone(entries) {
                let value = from_parsed(value);
                match places.entry(key) {
                    Entry::Occupied(place) => {
                        if let Some((_, earlier)) = distinct.get_mut(*place.get()) {
                            *earlier = value;
                        }
                    }
                    Entry::Vacant(place) => {
                        let key = Value::from(place.key().as_ref());
                        place.insert(distinct.len());
                        distinct.push((key, value));
                    }
                }
            }
            Dict::from(distinct).into()
        }
    }
}

/// What is left for the text of a document, if that is limited.
struct Room(Option<usize>);

impl Room {
    fn take(&mut self, bytes: impl FnOnce() -> usize) -> Result<(), Error> {
        if let Some(left) = &mut self.0 {
            let less = left.checked_sub(bytes());
            *left = less.ok_or_else(|| Error::too_long("JSON", 0))?;
        }
        Ok(())
    }
}

/// The length of a string as JSON.
fn text_length(text: &str) -> usize {
    let length = |byte| match byte {
        b'"' | b'\\' | b'\n' | b'\r' | b'\t' | 0x08 | 0x0c => 2,
        ..0x20 => 6,
        _ => 1,
    };
    2 + text.bytes().map(length).sum::<usize>()
}

fn to_json(value: &Value, depth: u32, room: &mut Room) -> Result<serde_json::Value, Error> {
    let json: serde_json::Value = match value {
        Value::None => serde_json::Value::Null,
        Value::Bool(value) => (*value).into(),
        Value::Int(value) => (*value).into(),
        Value::BigInt(value) => match u64::try_from(&**value) {
            Ok(value) => value.into(),
            Err(_) => return Err(no_form(&format!("an int of {} bits", value.bits()))),
        },
        Value::Float(float) => match Number::from_f64(*float) {
            Some(number) => number.into(),
            None => return Err(no_form(&value.to_string())),
        },
        Value::Str(text) => {
            room.take(|| text_length(text))?;
            return Ok(text.to_string().into());
        }
        Value::List(items) | Value::Tuple(items) => {
            let depth = deeper(depth)?;
            // Brackets, and commas between the items.
            room.take(|| 2 + items.len().saturating_sub(1))?;
            let items: Result<Vec<_>, _> = items
                .iter()
                .enumerate()
                .map(|(index, item)| {
                    to_json(item, depth, room).map_err(|error| error.in_item(index))
                })
                .collect();
            return Ok(items?.into());
        }
        Value::Dict(dict) => {
            let depth = deeper(depth)?;
            // Braces, and commas between the entries, which have a colon each.
            room.take(|| 2 + (2 * dict.len()).saturating_sub(1))?;
            let mut entries = Map::with_capacity(dict.len());
            for (key, value) in &**dict {
                let Some(name) = key.as_str() else {
                    let key = format!("the key {}, which is not a str,", excerpt(key));
                    return Err(no_form(&key));
                };
                room.take(|| text_length(name))?;
                let value = to_json(value, depth, room).map_err(|error| error.in_entry(key))?;
                if entries.insert(name.to_owned(), value).is_some() {
                    return Err(no_form(&format!("a second key {}", excerpt(key))));
                }
            }
            return Ok(entries.into());
        }
        _ => {
            let name = excerpt(value.type_name());
            return Err(no_form(&format!("a value of type {name}")));
        }
    };
    room.take(|| json.to_string().len())?;
    Ok(json)
}

fn no_form(what: &str) -> Error {
    Error::new(format!("{what} has no JSON form"))
}

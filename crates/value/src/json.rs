//! JSON to and from a [`Value`], without loss.

use std::cell::RefCell;
use std::collections::hash_map::Entry;
use std::collections::{HashMap, HashSet};
use std::sync::Arc;
use std::{fmt, io};

use jiter::{JsonErrorType, JsonValue};
use num_bigint::BigInt;
use serde::ser::{self, Error as _, Serialize, SerializeMap, SerializeSeq, Serializer};
use serde_json::Number;

use crate::error::excerpt;
use crate::shape::deeper;
use crate::{Dict, Error, Value};

impl Value {
    /// Reads the text of a JSON document as a Python object, as `json.loads`
    /// does: an array is a list, an integer of up to 4300 digits is an `int`,
    /// and the last of repeated keys wins.
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
    /// If the text is not JSON, contains `NaN` or an infinity, is nested more
    /// than 201 levels deep, or has a number of more than 4300 digits. The
    /// error names the problem and the place.
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

    /// Converts a parsed JSON document to a Python object: an array is a list,
    /// an integer an `int`.
    ///
    /// `serde_json` keeps integers from -2^63 to 2^64 - 1, and has already
    /// turned others into floats, unless its feature `arbitrary_precision` is
    /// on. [`from_json_str`](Self::from_json_str) loses nothing.
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
    /// Anything JSON cannot hold is an error, never changed: bytes, sets, NaN
    /// and infinities, keys other than `str`, ints beyond 64 bits, dates, and
    /// objects of any class.
    ///
    /// `serde_json` sorts the keys of an object, unless its feature
    /// `preserve_order` is on in your program.
    /// [`to_json_string`](Self::to_json_string) keeps their order in any case.
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
    /// If a part has no JSON form, or the object is nested more than 127 levels
    /// deep, the limit of JSON readers. The error names the problem and the
    /// place.
    pub fn to_json(&self) -> Result<serde_json::Value, Error> {
        self.write_json(serde_json::value::Serializer)
            .map_err(Unwritten::into_error)
    }

    /// The same, if the document has at most `max_bytes` as text without
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
        self.write_json_within(max_bytes, |_| ())?;
        self.to_json()
    }

    /// The object as the text of a JSON document without blanks, by the rules of
    /// [`to_json`](Self::to_json). Keys stay in Python's order.
    ///
    /// ```
    /// use monty_value::Value;
    ///
    /// let point = Value::dict([("y", 1.5), ("x", 2.0)]);
    /// assert_eq!(point.to_json_string()?, r#"{"y":1.5,"x":2.0}"#);
    /// # Ok::<_, monty_value::Error>(())
    /// ```
    ///
    /// # Errors
    ///
    /// As [`to_json`](Self::to_json).
    pub fn to_json_string(&self) -> Result<String, Error> {
        self.to_json_string_within(usize::MAX)
    }

    /// The same, if the document has at most `max_bytes`. Neither time nor
    /// memory goes beyond a multiple of that.
    ///
    /// # Errors
    ///
    /// As [`to_json`](Self::to_json), or if the document is longer;
    /// [`Error::is_too_long`] then holds.
    pub fn to_json_string_within(&self, max_bytes: usize) -> Result<String, Error> {
        let mut text = Vec::new();
        self.write_json_within(max_bytes, |bytes| text.extend_from_slice(bytes))?;
        String::from_utf8(text).map_err(|error| Error::new(error.to_string()))
    }

    /// The object as a value that serde serializes by the rules of
    /// [`to_json`](Self::to_json): into your own document, indented, or
    /// straight into a socket. A part without a JSON form is an error of the
    /// serializer, with the message of [`to_json`](Self::to_json).
    ///
    /// ```
    /// use monty_value::Value;
    ///
    /// let rows = Value::list([Value::dict([("b", 1), ("a", 2)])]);
    /// let text = serde_json::to_string_pretty(&rows.as_json())?;
    /// assert_eq!(text, "[\n  {\n    \"b\": 1,\n    \"a\": 2\n  }\n]");
    /// # Ok::<_, serde_json::Error>(())
    /// ```
    pub fn as_json(&self) -> AsJson<'_> {
        AsJson(self)
    }

    fn write_json<S: Serializer>(&self, serializer: S) -> Result<S::Ok, Unwritten<S::Error>> {
        let refusal = RefCell::new(None);
        let document = Part {
            value: self,
            depth: 0,
            refusal: &refusal,
        };
        document.serialize(serializer).map_err(|error| Unwritten {
            refusal: refusal.take().map(|refusal| refusal.in_root("$")),
            error,
        })
    }

    fn write_json_within(&self, max_bytes: usize, write: impl FnMut(&[u8])) -> Result<(), Error> {
        let capped = Capped {
            room: max_bytes,
            write,
        };
        self.write_json(&mut serde_json::Serializer::new(capped))
            .map_err(|unwritten| {
                if unwritten.error.is_io() {
                    Error::too_long("JSON", max_bytes)
                } else {
                    unwritten.into_error()
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
    // If another crate makes serde_json keep every digit, so does this.
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

/// A [`Value`] as JSON: see [`Value::as_json`].
#[derive(Clone, Copy, Debug)]
pub struct AsJson<'a>(&'a Value);

impl Serialize for AsJson<'_> {
    fn serialize<S: Serializer>(&self, serializer: S) -> Result<S::Ok, S::Error> {
        let written = self.0.write_json(serializer);
        written.map_err(|unwritten| match unwritten.refusal {
            Some(refusal) => S::Error::custom(refusal),
            None => unwritten.error,
        })
    }
}

/// The reason a document was not written.
struct Unwritten<E> {
    /// The part without a JSON form, if that is the reason.
    refusal: Option<Error>,
    /// The serializer's error.
    error: E,
}

impl<E: fmt::Display> Unwritten<E> {
    fn into_error(self) -> Error {
        self.refusal
            .unwrap_or_else(|| Error::new(self.error.to_string()))
    }
}

/// Passes on bytes up to a limit.
struct Capped<W> {
    room: usize,
    write: W,
}

impl<W: FnMut(&[u8])> io::Write for Capped<W> {
    fn write(&mut self, bytes: &[u8]) -> io::Result<usize> {
        let left = self.room.checked_sub(bytes.len());
        self.room = left.ok_or(io::ErrorKind::FileTooLarge)?;
        (self.write)(bytes);
        Ok(bytes.len())
    }

    fn flush(&mut self) -> io::Result<()> {
        Ok(())
    }
}

/// A part of a document.
#[derive(Clone, Copy)]
struct Part<'a> {
    value: &'a Value,
    depth: u32,
    /// The part without a JSON form, with the path to it so far, since serde's
    /// errors have no path.
    refusal: &'a RefCell<Option<Error>>,
}

impl<'a> Part<'a> {
    fn refuse<E: ser::Error>(&self, refusal: Error) -> E {
        let error = E::custom(&refusal);
        self.refusal.replace(Some(refusal));
        error
    }

    fn has_no_form<E: ser::Error>(&self, what: fmt::Arguments<'_>) -> E {
        self.refuse(Error::new(format!("{what} has no JSON form")))
    }

    /// Adds a step to the path, if any.
    fn seen_from(&self, holder: impl FnOnce(Error) -> Error) {
        let refusal = self.refusal.take().map(holder);
        self.refusal.replace(refusal);
    }

    /// Creates the parts of this one's children.
    fn inner<E: ser::Error>(&self) -> Result<impl Fn(&'a Value) -> Self + use<'a, E>, E> {
        let depth = deeper(self.depth).map_err(|error| self.refuse(error))?;
        let refusal = self.refusal;
        Ok(move |value| Self {
            value,
            depth,
            refusal,
        })
    }

    fn serialize_items<S: Serializer>(
        &self,
        items: &'a [Value],
        serializer: S,
    ) -> Result<S::Ok, S::Error> {
        let inner = self.inner()?;
        let mut sequence = serializer.serialize_seq(Some(items.len()))?;
        for (index, item) in items.iter().enumerate() {
            sequence
                .serialize_element(&inner(item))
                .inspect_err(|_| self.seen_from(|error| error.in_item(index)))?;
        }
        sequence.end()
    }

    fn serialize_entries<S: Serializer>(
        &self,
        dict: &'a Dict,
        serializer: S,
    ) -> Result<S::Ok, S::Error> {
        let inner = self.inner()?;
        let mut names = HashSet::new();
        let mut map = serializer.serialize_map(Some(dict.len()))?;
        for (key, value) in dict {
            let Some(name) = key.as_str() else {
                let key = excerpt(key);
                return Err(self.has_no_form(format_args!("the key {key}, which is not a str,")));
            };
            if !names.insert(name) {
                return Err(self.has_no_form(format_args!("a second key {}", excerpt(key))));
            }
            map.serialize_entry(name, &inner(value))
                .inspect_err(|_| self.seen_from(|error| error.in_entry(key)))?;
        }
        map.end()
    }
}

impl Serialize for Part<'_> {
    fn serialize<S: Serializer>(&self, serializer: S) -> Result<S::Ok, S::Error> {
        match self.value {
            Value::None => serializer.serialize_unit(),
            Value::Bool(value) => serializer.serialize_bool(*value),
            Value::Int(value) => serializer.serialize_i64(*value),
            Value::BigInt(value) => match u64::try_from(&**value) {
                Ok(value) => serializer.serialize_u64(value),
                Err(_) => Err(self.has_no_form(format_args!("an int of {} bits", value.bits()))),
            },
            Value::Float(float) if float.is_finite() => serializer.serialize_f64(*float),
            Value::Float(_) => Err(self.has_no_form(format_args!("{}", self.value))),
            Value::Str(text) => serializer.serialize_str(text),
            Value::List(items) | Value::Tuple(items) => self.serialize_items(items, serializer),
            Value::Dict(dict) => self.serialize_entries(dict, serializer),
            _ => {
                let name = excerpt(self.value.type_name());
                Err(self.has_no_form(format_args!("a value of type {name}")))
            }
        }
    }
}

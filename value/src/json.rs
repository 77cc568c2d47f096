//! JSON to and from a [`Value`], without loss.

use num_bigint::BigInt;
use serde_json::{Map, Number};

use crate::error::excerpt;
use crate::shape::deeper;
use crate::{Dict, Error, Value};

impl Value {
    /// A JSON document as a Python object, as `json.loads` reads it: an array
    /// is a list, and an integer of any size is an `int`.
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
        to_json(self, 0).map_err(|error| error.in_root("$"))
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

fn to_json(value: &Value, depth: u32) -> Result<serde_json::Value, Error> {
    Ok(match value {
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
        Value::Str(text) => text.to_string().into(),
        Value::List(items) | Value::Tuple(items) => {
            let depth = deeper(depth)?;
            let items: Result<Vec<_>, _> = items
                .iter()
                .enumerate()
                .map(|(index, item)| to_json(item, depth).map_err(|error| error.in_item(index)))
                .collect();
            items?.into()
        }
        Value::Dict(dict) => {
            let depth = deeper(depth)?;
            let mut entries = Map::with_capacity(dict.len());
            for (key, value) in &**dict {
                let Some(name) = key.as_str() else {
                    let key = format!("the key {}, which is no str,", excerpt(key));
                    return Err(no_form(&key));
                };
                let value = to_json(value, depth).map_err(|error| error.in_entry(key))?;
                if entries.insert(name.to_owned(), value).is_some() {
                    return Err(no_form(&format!("a second key {}", excerpt(key))));
                }
            }
            entries.into()
        }
        _ => {
            let name = excerpt(value.type_name());
            return Err(no_form(&format!("a value of type {name}")));
        }
    })
}

fn no_form(what: &str) -> Error {
    Error::new(format!("{what} has no JSON form"))
}

//! The shape of a [`Value`] for serde, when written to another format or to a
//! Rust type.

use num_traits::ToPrimitive;

use crate::error::excerpt;
use crate::{Complex, Dict, Error, NamedTuple, Value};

/// The limit on serde's recursion: the depth that `serde_json` reads, which
/// fits the stack of a small thread.
pub(crate) const MAX_SERDE_DEPTH: u32 = 127;

/// The name by which our serializer recognises a [`Value`], to take it
/// unchanged.
pub(crate) const VALUE_NAME: &str = "$monty_value::Value";

/// The part of serde's data model that a value maps to.
pub(crate) enum Shape<'a> {
    Unit,
    Bool(bool),
    I64(i64),
    U64(u64),
    I128(i128),
    U128(u128),
    F64(f64),
    Str(&'a str),
    Text(String),
    Bytes(&'a [u8]),
    Seq(&'a [Value]),
    Complex(Complex),
    Map(&'a Dict),
    Fields(&'a NamedTuple),
}

impl<'a> Shape<'a> {
    pub(crate) fn of(value: &'a Value) -> Result<Self, Error> {
        Ok(match value {
            Value::None => Self::Unit,
            Value::Bool(value) => Self::Bool(*value),
            Value::Int(value) => Self::I64(*value),
            Value::BigInt(value) => {
                if let Some(value) = value.to_u64() {
                    Self::U64(value)
                } else if let Some(value) = value.to_i128() {
                    Self::I128(value)
                } else if let Some(value) = value.to_u128() {
                    Self::U128(value)
                } else {
                    return Err(Error::new(format!(
                        "an int of {} bits has no form here; 128 are the most",
                        value.bits()
                    )));
                }
            }
            Value::Float(value) => Self::F64(*value),
            Value::Complex(value) => Self::Complex(*value),
            Value::Str(text) | Value::Path(text) => Self::Str(text),
            Value::Decimal(decimal) => Self::Str(decimal.as_str()),
            Value::Bytes(bytes) => Self::Bytes(bytes),
            Value::List(items)
            | Value::Tuple(items)
            | Value::Set(items)
            | Value::FrozenSet(items) => Self::Seq(items),
            Value::NamedTuple(tuple) => Self::Fields(tuple),
            Value::Dict(dict) => Self::Map(dict),
            Value::Instance(instance) => Self::Map(&instance.attributes),
            Value::Date(date) => Self::Text(date.to_string()),
            Value::DateTime(datetime) => Self::Text(datetime.to_string()),
            Value::Time(time) => Self::Text(time.to_string()),
            Value::TimeDelta(delta) => Self::Text(delta.to_string()),
            Value::TimeZone(timezone) => Self::Text(timezone.to_string()),
            Value::Ellipsis
            | Value::NotImplemented
            | Value::Exception(_)
            | Value::Type(_)
            | Value::BuiltinFunction(_)
            | Value::Function(_)
            | Value::Class(_)
            | Value::Module(_)
            | Value::File(_)
            | Value::Repr(_)
            | Value::Cycle(_) => {
                return Err(Error::new(format!("{} has no form here", excerpt(value))));
            }
        })
    }
}

/// The depth of a part, one more than its parent's.
pub(crate) fn deeper(depth: u32) -> Result<u32, Error> {
    if depth < MAX_SERDE_DEPTH {
        Ok(depth + 1)
    } else {
        Err(Error::new(format!(
            "nested more than {MAX_SERDE_DEPTH} levels deep"
        )))
    }
}

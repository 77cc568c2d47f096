//! `Serialize` and `Deserialize` of [`Value`] and of the kinds with their own
//! type.

use std::fmt;

use serde::de::{self, Deserialize, DeserializeSeed, Deserializer, MapAccess, SeqAccess, Visitor};
use serde::ser::{Error as _, Serialize, SerializeMap, SerializeSeq, Serializer};

use crate::shape::{Object, Shape, VALUE_NAME, deeper};
use crate::{Date, DateTime, Decimal, Dict, Error, Time, TimeDelta, TimeZone, Value, passage};

/// Through [`to_value`](crate::to_value), the very same object. In other
/// formats, as [`Value::extract`] describes; a value with no form there, such
/// as a function, is an error. For JSON, prefer [`Value::to_json`], which
/// rejects values that `serde_json` would silently change.
impl Serialize for Value {
    fn serialize<S: Serializer>(&self, serializer: S) -> Result<S::Ok, S::Error> {
        serializer.serialize_newtype_struct(VALUE_NAME, &Passing(self))
    }
}

/// A value for our own serializer, if it waits for one.
struct Passing<'a>(&'a Value);

impl Serialize for Passing<'_> {
    fn serialize<S: Serializer>(&self, serializer: S) -> Result<S::Ok, S::Error> {
        if passage::offer(self.0) {
            return serializer.serialize_unit();
        }
        Part {
            object: Object::Value(self.0),
            depth: 0,
        }
        .serialize(serializer)
    }
}

/// A value for another format.
struct Part<'a> {
    object: Object<'a>,
    depth: u32,
}

impl Serialize for Part<'_> {
    fn serialize<S: Serializer>(&self, serializer: S) -> Result<S::Ok, S::Error> {
        let part = |object| {
            let depth = deeper(self.depth).map_err(S::Error::custom)?;
            Ok(Part { object, depth })
        };
        match self.object.shape().map_err(S::Error::custom)? {
            Shape::Unit => serializer.serialize_unit(),
            Shape::Bool(value) => serializer.serialize_bool(value),
            Shape::I64(value) => serializer.serialize_i64(value),
            Shape::U64(value) => serializer.serialize_u64(value),
            Shape::I128(value) => serializer.serialize_i128(value),
            Shape::U128(value) => serializer.serialize_u128(value),
            Shape::F64(value) => serializer.serialize_f64(value),
            Shape::Str(text) => serializer.serialize_str(text),
            Shape::Text(text) => serializer.serialize_str(&text),
            Shape::Bytes(bytes) => serializer.serialize_bytes(bytes),
            Shape::Complex(complex) => (complex.real, complex.imaginary).serialize(serializer),
            Shape::Seq(items) => {
                let mut sequence = serializer.serialize_seq(Some(items.len()))?;
                for item in items {
                    sequence.serialize_element(&part(item)?)?;
                }
                sequence.end()
            }
            Shape::Map(entries) => {
                let mut map = serializer.serialize_map(Some(entries.len()))?;
                for (key, value) in entries {
                    map.serialize_entry(&part(key)?, &part(value)?)?;
                }
                map.end()
            }
            Shape::Fields(names, values) => {
                let mut map = serializer.serialize_map(Some(values.len()))?;
                for (name, value) in names.iter().zip(values) {
                    map.serialize_entry(name, &part(value)?)?;
                }
                map.end()
            }
        }
    }
}

/// Through [`from_value`](crate::from_value), the very same object. From other
/// formats, their content: sequences become lists, maps become dicts.
impl<'de> Deserialize<'de> for Value {
    fn deserialize<D: Deserializer<'de>>(deserializer: D) -> Result<Self, D::Error> {
        deserializer.deserialize_newtype_struct(VALUE_NAME, ValueVisitor { depth: 0 })
    }
}

/// Builds a value from another format.
#[derive(Clone, Copy)]
struct ValueVisitor {
    depth: u32,
}

impl ValueVisitor {
    fn inner<E: de::Error>(self) -> Result<Self, E> {
        let depth = deeper(self.depth).map_err(E::custom)?;
        Ok(Self { depth })
    }
}

impl<'de> DeserializeSeed<'de> for ValueVisitor {
    type Value = Value;

    fn deserialize<D: Deserializer<'de>>(self, deserializer: D) -> Result<Value, D::Error> {
        deserializer.deserialize_any(self)
    }
}

/// Methods for types that [`Value::from`] accepts.
macro_rules! visit_scalars {
    ($($method:ident($scalar:ty);)*) => {$(
        fn $method<E: de::Error>(self, value: $scalar) -> Result<Value, E> {
            Ok(Value::from(value))
        }
    )*};
}

impl<'de> Visitor<'de> for ValueVisitor {
    type Value = Value;

    fn expecting(&self, formatter: &mut fmt::Formatter<'_>) -> fmt::Result {
        formatter.write_str("a value")
    }

    visit_scalars! {
        visit_bool(bool);
        visit_i64(i64);
        visit_i128(i128);
        visit_u64(u64);
        visit_u128(u128);
        visit_f64(f64);
        visit_char(char);
        visit_str(&str);
        visit_string(String);
    }

    fn visit_bytes<E: de::Error>(self, bytes: &[u8]) -> Result<Value, E> {
        Ok(Value::bytes(bytes))
    }

    fn visit_byte_buf<E: de::Error>(self, bytes: Vec<u8>) -> Result<Value, E> {
        Ok(Value::bytes(bytes))
    }

    fn visit_none<E: de::Error>(self) -> Result<Value, E> {
        Ok(Value::None)
    }

    fn visit_unit<E: de::Error>(self) -> Result<Value, E> {
        Ok(Value::None)
    }

    fn visit_some<D: Deserializer<'de>>(self, deserializer: D) -> Result<Value, D::Error> {
        deserializer.deserialize_any(self)
    }

    fn visit_newtype_struct<D: Deserializer<'de>>(
        self,
        deserializer: D,
    ) -> Result<Value, D::Error> {
        match passage::take() {
            Some(value) => Ok(value),
            None => deserializer.deserialize_any(self),
        }
    }

    fn visit_seq<A: SeqAccess<'de>>(self, mut access: A) -> Result<Value, A::Error> {
        let inner = self.inner()?;
        let mut items = Vec::new();
        while let Some(item) = access.next_element_seed(inner)? {
            items.push(item);
        }
        Ok(Value::List(items.into()))
    }

    fn visit_map<A: MapAccess<'de>>(self, mut access: A) -> Result<Value, A::Error> {
        let inner = self.inner()?;
        let mut entries = Vec::new();
        while let Some(entry) = access.next_entry_seed(inner, inner)? {
            entries.push(entry);
        }
        Ok(Dict::from(entries).into())
    }
}

/// A type that is a case of [`Value`] and has a text form in other formats.
macro_rules! impl_for_case {
    ($($object:ident, $expected:literal, $from_text:expr;)*) => {$(
        /// Through [`to_value`](crate::to_value) the Python object, in other
        /// formats its text.
        impl Serialize for $object {
            fn serialize<S: Serializer>(&self, serializer: S) -> Result<S::Ok, S::Error> {
                Value::from(self.clone()).serialize(serializer)
            }
        }

        /// From the Python object, or from its text.
        impl<'de> Deserialize<'de> for $object {
            fn deserialize<D: Deserializer<'de>>(deserializer: D) -> Result<Self, D::Error> {
                let from_text: fn(&str) -> Result<Self, Error> = $from_text;
                match Value::deserialize(deserializer)? {
                    Value::$object(object) => Ok(Self::clone(&object)),
                    Value::Str(text) => from_text(&text).map_err(de::Error::custom),
                    other => Err(de::Error::custom(Error::expected($expected, other.type_name()))),
                }
            }
        }
    )*};
}

impl_for_case! {
    Date, "date", str::parse;
    DateTime, "datetime", str::parse;
    Time, "time", str::parse;
    TimeDelta, "timedelta", |_| Err(Error::expected("timedelta", "str"));
    TimeZone, "timezone", |_| Err(Error::expected("timezone", "str"));
    Decimal, "Decimal", Decimal::new;
}

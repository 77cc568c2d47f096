//! [`from_value`]: a [`Value`] as a type that implements [`Deserialize`].

use serde::de::{
    self, DeserializeOwned, DeserializeSeed, EnumAccess, MapAccess, SeqAccess, VariantAccess,
    Visitor,
};

use crate::error::excerpt;
use crate::shape::{Shape, VALUE_NAME, deeper};
use crate::{Dict, Error, NamedTuple, Value, passage};

/// A Python object as a Rust value. See [`Value::extract`].
///
/// # Errors
///
/// If the object does not fit the type; the error names the part.
pub fn from_value<T: DeserializeOwned>(value: Value) -> Result<T, Error> {
    value.extract()
}

impl Value {
    /// The object as a Rust value.
    ///
    /// | Python | Rust |
    /// |---|---|
    /// | `None` | `Option`, `()` |
    /// | `bool`, `int`, `float`, `str`, `bytes` | themselves, if they fit; an `int` also as a float that equals it, `bytes` also as a sequence of `u8` |
    /// | `list`, `tuple`, named tuple, `set`, `frozenset` | sequences, tuples |
    /// | `dict`, named tuple, attributes of an instance | structs, maps |
    /// | `str`, or a `dict` with one entry | enums |
    /// | `Decimal`, `Path` | `String` |
    /// | `date`, `datetime`, `time` | [`Date`](crate::Date) and its kin, or `String` in ISO 8601 |
    /// | `timedelta`, `timezone` | [`TimeDelta`](crate::TimeDelta), [`TimeZone`](crate::TimeZone), or `String` as Python prints them |
    /// | `complex` | a pair of floats |
    /// | anything | [`Value`] |
    ///
    /// Inside `#[serde(flatten)]` and `#[serde(untagged)]`, where serde keeps
    /// values in a form of its own, a `Value` keeps only what serde knows of:
    /// a tuple is a list there.
    ///
    /// ```
    /// use monty_value::Value;
    ///
    /// let pair = Value::tuple([1, 2]);
    /// assert_eq!(pair.extract::<(u8, f64)>()?, (1, 2.0));
    ///
    /// let error = Value::list(["x"]).extract::<Vec<f64>>().unwrap_err();
    /// assert_eq!(error.to_string(), "[0]: expected float, got str");
    /// # Ok::<(), monty_value::Error>(())
    /// ```
    ///
    /// # Errors
    ///
    /// If the object does not fit the type, or is nested more than 127 levels
    /// deep. A [`Value`] inside counts as one level.
    pub fn extract<T: DeserializeOwned>(&self) -> Result<T, Error> {
        T::deserialize(Deserializer {
            value: self,
            depth: 0,
        })
    }
}

#[derive(Clone, Copy)]
struct Deserializer<'de> {
    value: &'de Value,
    depth: u32,
}

impl<'de> Deserializer<'de> {
    fn expected(self, expected: &str) -> Error {
        Error::expected(expected, self.value.type_name())
    }

    /// The value, if its kind converts to the type.
    fn only<V: Visitor<'de>>(
        self,
        expected: &str,
        fits: fn(&Shape<'de>) -> bool,
        visitor: V,
    ) -> Result<V::Value, Error> {
        match Shape::of(self.value) {
            Ok(shape) if fits(&shape) => self.visit(shape, visitor),
            _ => Err(self.expected(expected)),
        }
    }

    fn visit<V: Visitor<'de>>(self, shape: Shape<'de>, visitor: V) -> Result<V::Value, Error> {
        match shape {
            Shape::Unit => visitor.visit_unit(),
            Shape::Bool(value) => visitor.visit_bool(value),
            Shape::I64(value) => visitor.visit_i64(value),
            Shape::U64(value) => visitor.visit_u64(value),
            Shape::I128(value) => visitor.visit_i128(value),
            Shape::U128(value) => visitor.visit_u128(value),
            Shape::F64(value) => visitor.visit_f64(value),
            Shape::Str(text) => visitor.visit_borrowed_str(text),
            Shape::Text(text) => visitor.visit_string(text),
            Shape::Bytes(bytes) => visitor.visit_borrowed_bytes(bytes),
            Shape::Seq(items) => self.visit_items(items, visitor),
            Shape::Complex(complex) => {
                let parts = [complex.real, complex.imaginary];
                visitor.visit_seq(de::value::SeqDeserializer::new(parts.into_iter()))
            }
            Shape::Map(dict) => {
                let depth = deeper(self.depth)?;
                visitor.visit_map(Entries::new(dict, depth))
            }
            Shape::Fields(tuple) => {
                let depth = deeper(self.depth)?;
                visitor.visit_map(Fields::new(tuple, depth))
            }
        }
    }

    fn visit_items<V: Visitor<'de>>(
        self,
        items: &'de [Value],
        visitor: V,
    ) -> Result<V::Value, Error> {
        let mut access = Items {
            items: items.iter(),
            index: 0,
            depth: deeper(self.depth)?,
        };
        let value = visitor.visit_seq(&mut access)?;
        match access.items.len() {
            0 => Ok(value),
            _ => Err(Error::new(format!(
                "expected {} items, got {}",
                access.index,
                items.len()
            ))),
        }
    }

    fn sequence<V: Visitor<'de>>(self, visitor: V) -> Result<V::Value, Error> {
        match (self.value, self.value.items()) {
            (_, Some(items)) => self.visit_items(items, visitor),
            (Value::Bytes(bytes), _) => {
                visitor.visit_seq(de::value::SeqDeserializer::new(bytes.iter().copied()))
            }
            (Value::Complex(_), _) => self.visit(Shape::of(self.value)?, visitor),
            _ => Err(self.expected("list")),
        }
    }

    fn map<V: Visitor<'de>>(self, visitor: V) -> Result<V::Value, Error> {
        let fits = |shape: &Shape<'de>| matches!(shape, Shape::Map(_) | Shape::Fields(_));
        self.only("dict", fits, visitor)
    }

    fn text<V: Visitor<'de>>(self, visitor: V) -> Result<V::Value, Error> {
        let fits = |shape: &Shape<'de>| matches!(shape, Shape::Str(_) | Shape::Text(_));
        self.only("str", fits, visitor)
    }

    fn bytes<V: Visitor<'de>>(self, visitor: V) -> Result<V::Value, Error> {
        let fits = |shape: &Shape<'de>| matches!(shape, Shape::Bytes(_));
        self.only("bytes", fits, visitor)
    }

    fn float<V: Visitor<'de>>(self, visitor: V) -> Result<V::Value, Error> {
        match self.value {
            Value::Float(value) => visitor.visit_f64(*value),
            Value::Int(value) => visitor.visit_f64(exact_float(*value).ok_or_else(|| {
                Error::new(format!(
                    "expected float, got an int that none equals: {value}"
                ))
            })?),
            _ => Err(self.expected("float")),
        }
    }

    fn int<V: Visitor<'de>>(self, visitor: V) -> Result<V::Value, Error> {
        match self.value {
            Value::Int(value) => visitor.visit_i64(*value),
            Value::BigInt(value) => match Shape::of(self.value)? {
                shape @ Shape::U64(_) => self.visit(shape, visitor),
                _ => Err(Error::new(format!(
                    "expected an int of 64 bits, got one of {}",
                    value.bits()
                ))),
            },
            _ => Err(self.expected("int")),
        }
    }

    fn wide_int<V: Visitor<'de>>(self, visitor: V) -> Result<V::Value, Error> {
        match self.value {
            Value::Int(_) | Value::BigInt(_) => self.visit(Shape::of(self.value)?, visitor),
            _ => Err(self.expected("int")),
        }
    }
}

/// The float that equals an int.
fn exact_float(value: i64) -> Option<f64> {
    let float = value as f64;
    (float as i128 == i128::from(value)).then_some(float)
}

/// Methods that request one kind of value.
macro_rules! ask_for {
    ($($kind:ident: $($method:ident)*;)*) => {$($(
        fn $method<V: Visitor<'de>>(self, visitor: V) -> Result<V::Value, Error> {
            self.$kind(visitor)
        }
    )*)*};
}

impl<'de> de::Deserializer<'de> for Deserializer<'de> {
    type Error = Error;

    ask_for! {
        int: deserialize_i8 deserialize_i16 deserialize_i32 deserialize_i64
            deserialize_u8 deserialize_u16 deserialize_u32 deserialize_u64;
        wide_int: deserialize_i128 deserialize_u128;
        float: deserialize_f32 deserialize_f64;
        text: deserialize_char deserialize_str deserialize_string deserialize_identifier;
        bytes: deserialize_bytes deserialize_byte_buf;
        sequence: deserialize_seq;
        map: deserialize_map;
    }

    fn deserialize_any<V: Visitor<'de>>(self, visitor: V) -> Result<V::Value, Error> {
        self.visit(Shape::of(self.value)?, visitor)
    }

    fn deserialize_bool<V: Visitor<'de>>(self, visitor: V) -> Result<V::Value, Error> {
        self.only("bool", |shape| matches!(shape, Shape::Bool(_)), visitor)
    }

    fn deserialize_option<V: Visitor<'de>>(self, visitor: V) -> Result<V::Value, Error> {
        match self.value {
            Value::None => visitor.visit_none(),
            _ => visitor.visit_some(self),
        }
    }

    fn deserialize_unit<V: Visitor<'de>>(self, visitor: V) -> Result<V::Value, Error> {
        self.only("None", |shape| matches!(shape, Shape::Unit), visitor)
    }

    fn deserialize_unit_struct<V: Visitor<'de>>(
        self,
        _name: &'static str,
        visitor: V,
    ) -> Result<V::Value, Error> {
        self.deserialize_unit(visitor)
    }

    fn deserialize_newtype_struct<V: Visitor<'de>>(
        self,
        name: &'static str,
        visitor: V,
    ) -> Result<V::Value, Error> {
        if name == VALUE_NAME {
            passage::send(self.value, || visitor.visit_newtype_struct(self))
        } else {
            visitor.visit_newtype_struct(self)
        }
    }

    fn deserialize_tuple<V: Visitor<'de>>(
        self,
        length: usize,
        visitor: V,
    ) -> Result<V::Value, Error> {
        match self.value.items() {
            Some(items) if items.len() != length => Err(Error::new(format!(
                "expected {length} items, got {}",
                items.len()
            ))),
            _ => self.sequence(visitor),
        }
    }

    fn deserialize_tuple_struct<V: Visitor<'de>>(
        self,
        _name: &'static str,
        length: usize,
        visitor: V,
    ) -> Result<V::Value, Error> {
        self.deserialize_tuple(length, visitor)
    }

    fn deserialize_struct<V: Visitor<'de>>(
        self,
        _name: &'static str,
        _fields: &'static [&'static str],
        visitor: V,
    ) -> Result<V::Value, Error> {
        self.map(visitor)
    }

    fn deserialize_enum<V: Visitor<'de>>(
        self,
        _name: &'static str,
        _variants: &'static [&'static str],
        visitor: V,
    ) -> Result<V::Value, Error> {
        if let Value::Str(name) = self.value {
            return visitor.visit_enum(de::value::StrDeserializer::new(name));
        }
        let entry = match self.value.as_dict().map(|dict| (dict.len(), dict.iter())) {
            Some((1, mut entries)) => entries.next(),
            _ => None,
        };
        let Some((Value::Str(name), content)) = entry else {
            return Err(self.expected("str, or a dict with one entry"));
        };
        visitor.visit_enum(Variant {
            name,
            content: Deserializer {
                value: content,
                depth: deeper(self.depth)?,
            },
        })
    }

    fn deserialize_ignored_any<V: Visitor<'de>>(self, visitor: V) -> Result<V::Value, Error> {
        visitor.visit_unit()
    }
}

/// The items of a sequence.
struct Items<'de> {
    items: std::slice::Iter<'de, Value>,
    index: usize,
    depth: u32,
}

impl<'de> SeqAccess<'de> for Items<'de> {
    type Error = Error;

    fn next_element_seed<T: DeserializeSeed<'de>>(
        &mut self,
        seed: T,
    ) -> Result<Option<T::Value>, Error> {
        let Some(value) = self.items.next() else {
            return Ok(None);
        };
        let index = self.index;
        self.index += 1;
        seed.deserialize(Deserializer {
            value,
            depth: self.depth,
        })
        .map(Some)
        .map_err(|error| error.in_item(index))
    }

    fn size_hint(&self) -> Option<usize> {
        Some(self.items.len())
    }
}

/// The entries of a dict.
struct Entries<'de> {
    entries: std::slice::Iter<'de, (Value, Value)>,
    /// The entry whose key was read.
    entry: Option<&'de (Value, Value)>,
    depth: u32,
}

impl<'de> Entries<'de> {
    fn new(dict: &'de Dict, depth: u32) -> Self {
        Self {
            entries: dict.iter(),
            entry: None,
            depth,
        }
    }
}

impl<'de> MapAccess<'de> for Entries<'de> {
    type Error = Error;

    fn next_key_seed<K: DeserializeSeed<'de>>(
        &mut self,
        seed: K,
    ) -> Result<Option<K::Value>, Error> {
        self.entry = self.entries.next();
        let Some((key, _)) = self.entry else {
            return Ok(None);
        };
        seed.deserialize(Deserializer {
            value: key,
            depth: self.depth,
        })
        .map(Some)
        .map_err(|error| Error::new(format!("key {}: {error}", excerpt(key))))
    }

    fn next_value_seed<T: DeserializeSeed<'de>>(&mut self, seed: T) -> Result<T::Value, Error> {
        let (key, value) = self.entry.take().ok_or_else(value_before_key)?;
        seed.deserialize(Deserializer {
            value,
            depth: self.depth,
        })
        .map_err(|error| error.in_entry(key))
    }

    fn size_hint(&self) -> Option<usize> {
        Some(self.entries.len())
    }
}

fn value_before_key() -> Error {
    Error::new("a map's value was asked for before its key")
}

/// The fields of a named tuple.
struct Fields<'de> {
    names: std::slice::Iter<'de, String>,
    values: std::slice::Iter<'de, Value>,
    /// The name that was read.
    name: Option<&'de str>,
    depth: u32,
}

impl<'de> Fields<'de> {
    fn new(tuple: &'de NamedTuple, depth: u32) -> Self {
        Self {
            names: tuple.field_names().iter(),
            values: tuple.values().iter(),
            name: None,
            depth,
        }
    }
}

impl<'de> MapAccess<'de> for Fields<'de> {
    type Error = Error;

    fn next_key_seed<K: DeserializeSeed<'de>>(
        &mut self,
        seed: K,
    ) -> Result<Option<K::Value>, Error> {
        self.name = self.names.next().map(String::as_str);
        match self.name {
            Some(name) => seed
                .deserialize(de::value::BorrowedStrDeserializer::new(name))
                .map(Some),
            None => Ok(None),
        }
    }

    fn next_value_seed<T: DeserializeSeed<'de>>(&mut self, seed: T) -> Result<T::Value, Error> {
        let (name, value) = self
            .name
            .take()
            .zip(self.values.next())
            .ok_or_else(value_before_key)?;
        seed.deserialize(Deserializer {
            value,
            depth: self.depth,
        })
        .map_err(|error| error.in_field(name))
    }
}

/// A variant of an enum with content.
struct Variant<'de> {
    name: &'de str,
    content: Deserializer<'de>,
}

impl<'de> EnumAccess<'de> for Variant<'de> {
    type Error = Error;
    type Variant = Self;

    fn variant_seed<V: DeserializeSeed<'de>>(self, seed: V) -> Result<(V::Value, Self), Error> {
        let name = seed.deserialize(de::value::BorrowedStrDeserializer::<Error>::new(self.name))?;
        Ok((name, self))
    }
}

impl Variant<'_> {
    fn locate(name: &str) -> impl Fn(Error) -> Error {
        move |error| error.in_field(name)
    }
}

impl<'de> VariantAccess<'de> for Variant<'de> {
    type Error = Error;

    fn unit_variant(self) -> Result<(), Error> {
        de::Deserialize::deserialize(self.content).map_err(Self::locate(self.name))
    }

    fn newtype_variant_seed<T: DeserializeSeed<'de>>(self, seed: T) -> Result<T::Value, Error> {
        seed.deserialize(self.content)
            .map_err(Self::locate(self.name))
    }

    fn tuple_variant<V: Visitor<'de>>(self, length: usize, visitor: V) -> Result<V::Value, Error> {
        de::Deserializer::deserialize_tuple(self.content, length, visitor)
            .map_err(Self::locate(self.name))
    }

    fn struct_variant<V: Visitor<'de>>(
        self,
        _fields: &'static [&'static str],
        visitor: V,
    ) -> Result<V::Value, Error> {
        self.content.map(visitor).map_err(Self::locate(self.name))
    }
}

//! [`from_value`]: a [`Value`] as a type that implements [`Deserialize`].

use serde::de::{
    self, DeserializeOwned, DeserializeSeed, EnumAccess, MapAccess, SeqAccess, VariantAccess,
    Visitor,
};

use crate::error::excerpt;
use crate::shape::{self, Object, Shape, VALUE_NAME, deeper};
use crate::types::{NamedOperand, Operand};
use crate::{Decoder, Error, Value, passage};

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
        extract(Object::Value(self))
    }
}

/// Rust values of a message, without a [`Value`] on the way, converted as
/// [`Value::extract`] does. They do not [count](Decoder::count).
///
/// ```
/// use monty_value::Decoder;
/// use monty_value::graph::GraphCaps;
///
/// # let message = monty_value::to_message(&vec![("Delft", 3)])?;
/// let mut decoder = Decoder::new(message.graph.as_ref(), GraphCaps::DEFAULT)?;
/// decoder.count(&message.root)?;
/// let days: Vec<(String, u32)> = decoder.extract(&message.root)?;
/// assert_eq!(days, [("Delft".to_owned(), 3)]);
/// # Ok::<(), monty_value::Error>(())
/// ```
impl Decoder<'_> {
    /// The object of an operand as a Rust value.
    ///
    /// # Errors
    ///
    /// As [`Value::extract`], or if the operand refers to an object outside the
    /// graph.
    pub fn extract<T: DeserializeOwned>(&self, operand: &Operand) -> Result<T, Error> {
        extract(Object::of(operand, self))
    }

    /// A tuple of operands as a Rust value.
    ///
    /// # Errors
    ///
    /// As [`extract`](Self::extract).
    pub fn extract_tuple<T: DeserializeOwned>(&self, operands: &[Operand]) -> Result<T, Error> {
        extract(Object::Positional(operands, self))
    }

    /// A dict of named operands as a Rust value.
    ///
    /// # Errors
    ///
    /// As [`extract`](Self::extract).
    pub fn extract_dict<T: DeserializeOwned>(
        &self,
        operands: &[&NamedOperand],
    ) -> Result<T, Error> {
        extract(Object::Keyword(operands, self))
    }
}

fn extract<T: DeserializeOwned>(object: Object<'_>) -> Result<T, Error> {
    T::deserialize(Deserializer { object, depth: 0 })
}

#[derive(Clone, Copy)]
struct Deserializer<'de> {
    object: Object<'de>,
    depth: u32,
}

impl<'de> Deserializer<'de> {
    fn expected(self, expected: &str) -> Error {
        match self.object.to_value() {
            Ok(value) => Error::expected(expected, value.type_name()),
            Err(error) => error,
        }
    }

    /// The value, if its kind converts to the type.
    fn only<V: Visitor<'de>>(
        self,
        expected: &str,
        fits: fn(&Shape<'de>) -> bool,
        visitor: V,
    ) -> Result<V::Value, Error> {
        match self.object.shape() {
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
            Shape::Map(entries) => visitor.visit_map(Entries {
                entries,
                entry: None,
                depth: deeper(self.depth)?,
            }),
            Shape::Fields(names, values) => visitor.visit_map(Fields {
                names: names.iter(),
                values,
                name: None,
                depth: deeper(self.depth)?,
            }),
        }
    }

    fn visit_items<V: Visitor<'de>>(
        self,
        items: shape::Items<'de>,
        visitor: V,
    ) -> Result<V::Value, Error> {
        let length = items.len();
        let mut access = Items {
            items,
            index: 0,
            depth: deeper(self.depth)?,
        };
        let value = visitor.visit_seq(&mut access)?;
        match access.items.len() {
            0 => Ok(value),
            _ => Err(Error::new(format!(
                "expected {} items, got {}",
                access.index, length
            ))),
        }
    }

    /// The items of a sequence, or of a tuple of this length.
    fn sequence<V: Visitor<'de>>(
        self,
        length: Option<usize>,
        visitor: V,
    ) -> Result<V::Value, Error> {
        match self.object.shape() {
            Ok(Shape::Seq(items) | Shape::Fields(_, items)) => match length {
                Some(length) if items.len() != length => Err(Error::new(format!(
                    "expected {length} items, got {}",
                    items.len()
                ))),
                _ => self.visit_items(items, visitor),
            },
            Ok(Shape::Bytes(bytes)) => {
                visitor.visit_seq(de::value::SeqDeserializer::new(bytes.iter().copied()))
            }
            Ok(shape @ Shape::Complex(_)) => self.visit(shape, visitor),
            _ => Err(self.expected("list")),
        }
    }

    fn map<V: Visitor<'de>>(self, visitor: V) -> Result<V::Value, Error> {
        let fits = |shape: &Shape<'de>| matches!(shape, Shape::Map(_) | Shape::Fields(..));
        self.only("dict", fits, visitor)
    }

    fn text<V: Visitor<'de>>(self, visitor: V) -> Result<V::Value, Error> {
        // Most text, and all field names.
        if let Some(text) = self.object.as_str() {
            return visitor.visit_borrowed_str(text);
        }
        let fits = |shape: &Shape<'de>| matches!(shape, Shape::Str(_) | Shape::Text(_));
        self.only("str", fits, visitor)
    }

    fn bytes<V: Visitor<'de>>(self, visitor: V) -> Result<V::Value, Error> {
        let fits = |shape: &Shape<'de>| matches!(shape, Shape::Bytes(_));
        self.only("bytes", fits, visitor)
    }

    fn float<V: Visitor<'de>>(self, visitor: V) -> Result<V::Value, Error> {
        match self.object.shape() {
            Ok(Shape::F64(value)) => visitor.visit_f64(value),
            Ok(Shape::I64(value)) => visitor.visit_f64(exact_float(value).ok_or_else(|| {
                Error::new(format!(
                    "expected float, got an int that none equals: {value}"
                ))
            })?),
            _ => Err(self.expected("float")),
        }
    }

    fn int<V: Visitor<'de>>(self, visitor: V) -> Result<V::Value, Error> {
        match self.object.shape() {
            Ok(Shape::I64(value)) => visitor.visit_i64(value),
            Ok(Shape::U64(value)) => visitor.visit_u64(value),
            _ => Err(match self.object.to_value() {
                Ok(Value::BigInt(value)) => Error::new(format!(
                    "expected an int of 64 bits, got one of {}",
                    value.bits()
                )),
                _ => self.expected("int"),
            }),
        }
    }

    fn wide_int<V: Visitor<'de>>(self, visitor: V) -> Result<V::Value, Error> {
        match self.object.shape() {
            Ok(shape @ (Shape::I64(_) | Shape::U64(_) | Shape::I128(_) | Shape::U128(_))) => {
                self.visit(shape, visitor)
            }
            Err(error) if matches!(self.object.to_value(), Ok(Value::BigInt(_))) => Err(error),
            _ => Err(self.expected("int")),
        }
    }

    fn any_sequence<V: Visitor<'de>>(self, visitor: V) -> Result<V::Value, Error> {
        self.sequence(None, visitor)
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
        any_sequence: deserialize_seq;
        map: deserialize_map;
    }

    fn deserialize_any<V: Visitor<'de>>(self, visitor: V) -> Result<V::Value, Error> {
        self.visit(self.object.shape()?, visitor)
    }

    fn deserialize_bool<V: Visitor<'de>>(self, visitor: V) -> Result<V::Value, Error> {
        self.only("bool", |shape| matches!(shape, Shape::Bool(_)), visitor)
    }

    fn deserialize_option<V: Visitor<'de>>(self, visitor: V) -> Result<V::Value, Error> {
        match self.object.is_none() {
            true => visitor.visit_none(),
            false => visitor.visit_some(self),
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
            passage::send(self.object.to_value()?, || {
                visitor.visit_newtype_struct(self)
            })
        } else {
            visitor.visit_newtype_struct(self)
        }
    }

    fn deserialize_tuple<V: Visitor<'de>>(
        self,
        length: usize,
        visitor: V,
    ) -> Result<V::Value, Error> {
        self.sequence(Some(length), visitor)
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
        if let Some(name) = self.object.as_str() {
            return visitor.visit_enum(de::value::StrDeserializer::new(name));
        }
        let mut entries = self.object.entries().filter(|entries| entries.len() == 1);
        let entry = entries.as_mut().and_then(Iterator::next);
        let entry = entry.and_then(|(key, content)| Some((key.as_str()?, content)));
        let Some((name, object)) = entry else {
            return Err(self.expected("str, or a dict with one entry"));
        };
        visitor.visit_enum(Variant {
            name,
            content: Deserializer {
                object,
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
    items: shape::Items<'de>,
    index: usize,
    depth: u32,
}

impl<'de> SeqAccess<'de> for Items<'de> {
    type Error = Error;

    fn next_element_seed<T: DeserializeSeed<'de>>(
        &mut self,
        seed: T,
    ) -> Result<Option<T::Value>, Error> {
        let Some(object) = self.items.next() else {
            return Ok(None);
        };
        let index = self.index;
        self.index += 1;
        seed.deserialize(Deserializer {
            object,
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
    entries: shape::Entries<'de>,
    /// The entry whose key was read.
    entry: Option<(Object<'de>, Object<'de>)>,
    depth: u32,
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
            object: key,
            depth: self.depth,
        })
        .map(Some)
        .map_err(|error| match key.to_value() {
            Ok(key) => Error::new(format!("key {}: {error}", excerpt(key))),
            Err(error) => error,
        })
    }

    fn next_value_seed<T: DeserializeSeed<'de>>(&mut self, seed: T) -> Result<T::Value, Error> {
        let (key, object) = self.entry.take().ok_or_else(value_before_key)?;
        seed.deserialize(Deserializer {
            object,
            depth: self.depth,
        })
        .map_err(|error| match key.to_value() {
            Ok(key) => error.in_entry(&key),
            Err(error) => error,
        })
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
    values: shape::Items<'de>,
    /// The name that was read.
    name: Option<&'de str>,
    depth: u32,
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
        let (name, object) = self
            .name
            .take()
            .zip(self.values.next())
            .ok_or_else(value_before_key)?;
        seed.deserialize(Deserializer {
            object,
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

//! [`to_value`]: a type that implements [`Serialize`] as a [`Value`].

use std::cell::RefCell;
use std::sync::Arc;

use serde::ser::{self, Serialize};

use crate::shape::{VALUE_NAME, deeper};
use crate::text_cache::TextCache;
use crate::{Dict, Error, Value, passage};

/// A Rust value as a Python object.
///
/// | Rust | Python |
/// |---|---|
/// | `bool`, integers of any width, floats, `char`, `String` | `bool`, `int`, `float`, `str` |
/// | bytes (`serialize_bytes`, as `serde_bytes` does) | `bytes` |
/// | `Option`, `()` | the value or `None` |
/// | `Vec` and other sequences | `list` |
/// | tuples and tuple structs | `tuple` |
/// | maps with keys of any type, structs | `dict` |
/// | enums | the name of the variant, or `{name: content}` |
/// | [`Value`], [`Date`](crate::Date) and its kin, [`Decimal`](crate::Decimal) | the very same object |
///
/// ```
/// #[derive(serde::Serialize)]
/// struct Row {
///     city: String,
///     range: (i64, i64),
/// }
///
/// let value = monty_value::to_value(&Row { city: "Delft".into(), range: (3, 9) })?;
/// assert_eq!(value.to_string(), "{'city': 'Delft', 'range': (3, 9)}");
/// # Ok::<(), monty_value::Error>(())
/// ```
///
/// # Errors
///
/// If the type's own `Serialize` fails, or the value is nested more than 127
/// levels deep. A [`Value`] inside counts as one level.
pub fn to_value<T: Serialize + ?Sized>(value: &T) -> Result<Value, Error> {
    let keys = RefCell::new(TextCache::default());
    value.serialize(Serializer {
        keys: &keys,
        depth: 0,
    })
}

#[derive(Clone, Copy)]
struct Serializer<'k> {
    /// Keys repeat from row to row.
    keys: &'k RefCell<TextCache>,
    depth: u32,
}

impl Serializer<'_> {
    fn inner(self) -> Result<Self, Error> {
        Ok(Self {
            depth: deeper(self.depth)?,
            ..self
        })
    }

    fn key(&self, name: &str) -> Value {
        Value::Str(self.keys.borrow_mut().get(name))
    }

    fn variant(&self, name: &str, content: Value) -> Value {
        Value::dict([(self.key(name), content)])
    }
}

impl<'k> ser::Serializer for Serializer<'k> {
    type Ok = Value;
    type Error = Error;
    type SerializeSeq = Items<'k>;
    type SerializeTuple = Items<'k>;
    type SerializeTupleStruct = Items<'k>;
    type SerializeTupleVariant = Items<'k>;
    type SerializeMap = Entries<'k>;
    type SerializeStruct = Entries<'k>;
    type SerializeStructVariant = Entries<'k>;

    fn serialize_bool(self, value: bool) -> Result<Value, Error> {
        Ok(value.into())
    }

    fn serialize_i8(self, value: i8) -> Result<Value, Error> {
        Ok(Value::Int(value.into()))
    }

    fn serialize_i16(self, value: i16) -> Result<Value, Error> {
        Ok(value.into())
    }

    fn serialize_i32(self, value: i32) -> Result<Value, Error> {
        Ok(value.into())
    }

    fn serialize_i64(self, value: i64) -> Result<Value, Error> {
        Ok(value.into())
    }

    fn serialize_i128(self, value: i128) -> Result<Value, Error> {
        Ok(value.into())
    }

    fn serialize_u8(self, value: u8) -> Result<Value, Error> {
        Ok(Value::Int(value.into()))
    }

    fn serialize_u16(self, value: u16) -> Result<Value, Error> {
        Ok(value.into())
    }

    fn serialize_u32(self, value: u32) -> Result<Value, Error> {
        Ok(value.into())
    }

    fn serialize_u64(self, value: u64) -> Result<Value, Error> {
        Ok(value.into())
    }

    fn serialize_u128(self, value: u128) -> Result<Value, Error> {
        Ok(value.into())
    }

    fn serialize_f32(self, value: f32) -> Result<Value, Error> {
        Ok(value.into())
    }

    fn serialize_f64(self, value: f64) -> Result<Value, Error> {
        Ok(value.into())
    }

    fn serialize_char(self, value: char) -> Result<Value, Error> {
        Ok(value.into())
    }

    fn serialize_str(self, value: &str) -> Result<Value, Error> {
        Ok(value.into())
    }

    fn serialize_bytes(self, value: &[u8]) -> Result<Value, Error> {
        Ok(Value::bytes(value))
    }

    fn serialize_none(self) -> Result<Value, Error> {
        Ok(Value::None)
    }

    fn serialize_some<T: Serialize + ?Sized>(self, value: &T) -> Result<Value, Error> {
        value.serialize(self)
    }

    fn serialize_unit(self) -> Result<Value, Error> {
        Ok(Value::None)
    }

    fn serialize_unit_struct(self, _name: &'static str) -> Result<Value, Error> {
        Ok(Value::None)
    }

    fn serialize_unit_variant(
        self,
        _name: &'static str,
        _index: u32,
        variant: &'static str,
    ) -> Result<Value, Error> {
        Ok(variant.into())
    }

    fn serialize_newtype_struct<T: Serialize + ?Sized>(
        self,
        name: &'static str,
        value: &T,
    ) -> Result<Value, Error> {
        if name == VALUE_NAME {
            passage::receive(|| value.serialize(self))
        } else {
            value.serialize(self)
        }
    }

    fn serialize_newtype_variant<T: Serialize + ?Sized>(
        self,
        _name: &'static str,
        _index: u32,
        variant: &'static str,
        value: &T,
    ) -> Result<Value, Error> {
        let content = value
            .serialize(self.inner()?)
            .map_err(|error| error.in_field(variant))?;
        Ok(self.variant(variant, content))
    }

    fn serialize_seq(self, length: Option<usize>) -> Result<Items<'k>, Error> {
        Items::new(self, Value::List, length.unwrap_or(0))
    }

    fn serialize_tuple(self, length: usize) -> Result<Items<'k>, Error> {
        Items::new(self, Value::Tuple, length)
    }

    fn serialize_tuple_struct(
        self,
        _name: &'static str,
        length: usize,
    ) -> Result<Items<'k>, Error> {
        Items::new(self, Value::Tuple, length)
    }

    fn serialize_tuple_variant(
        self,
        _name: &'static str,
        _index: u32,
        variant: &'static str,
        length: usize,
    ) -> Result<Items<'k>, Error> {
        let mut items = Items::new(self, Value::Tuple, length)?;
        items.variant = Some(variant);
        Ok(items)
    }

    fn serialize_map(self, length: Option<usize>) -> Result<Entries<'k>, Error> {
        Entries::new(self, length.unwrap_or(0))
    }

    fn serialize_struct(self, _name: &'static str, length: usize) -> Result<Entries<'k>, Error> {
        Entries::new(self, length)
    }

    fn serialize_struct_variant(
        self,
        _name: &'static str,
        _index: u32,
        variant: &'static str,
        length: usize,
    ) -> Result<Entries<'k>, Error> {
        let mut entries = Entries::new(self, length)?;
        entries.variant = Some(variant);
        Ok(entries)
    }
}

/// The limit on allocations based on a length that a type claims.
const MAX_RESERVED: usize = 4096;

/// A list or tuple under construction.
struct Items<'k> {
    serializer: Serializer<'k>,
    case: fn(Arc<Vec<Value>>) -> Value,
    variant: Option<&'static str>,
    items: Vec<Value>,
}

impl<'k> Items<'k> {
    fn new(
        serializer: Serializer<'k>,
        case: fn(Arc<Vec<Value>>) -> Value,
        length: usize,
    ) -> Result<Self, Error> {
        Ok(Self {
            serializer: serializer.inner()?,
            case,
            variant: None,
            items: Vec::with_capacity(length.min(MAX_RESERVED)),
        })
    }

    fn push<T: Serialize + ?Sized>(&mut self, item: &T) -> Result<(), Error> {
        let item = item
            .serialize(self.serializer)
            .map_err(|error| self.locate(error.in_item(self.items.len())))?;
        self.items.push(item);
        Ok(())
    }

    fn locate(&self, error: Error) -> Error {
        match self.variant {
            Some(variant) => error.in_field(variant),
            None => error,
        }
    }

    fn finish(self) -> Value {
        let value = (self.case)(Arc::new(self.items));
        match self.variant {
            Some(variant) => self.serializer.variant(variant, value),
            None => value,
        }
    }
}

impl ser::SerializeSeq for Items<'_> {
    type Ok = Value;
    type Error = Error;

    fn serialize_element<T: Serialize + ?Sized>(&mut self, value: &T) -> Result<(), Error> {
        self.push(value)
    }

    fn end(self) -> Result<Value, Error> {
        Ok(self.finish())
    }
}

impl ser::SerializeTuple for Items<'_> {
    type Ok = Value;
    type Error = Error;

    fn serialize_element<T: Serialize + ?Sized>(&mut self, value: &T) -> Result<(), Error> {
        self.push(value)
    }

    fn end(self) -> Result<Value, Error> {
        Ok(self.finish())
    }
}

impl ser::SerializeTupleStruct for Items<'_> {
    type Ok = Value;
    type Error = Error;

    fn serialize_field<T: Serialize + ?Sized>(&mut self, value: &T) -> Result<(), Error> {
        self.push(value)
    }

    fn end(self) -> Result<Value, Error> {
        Ok(self.finish())
    }
}

impl ser::SerializeTupleVariant for Items<'_> {
    type Ok = Value;
    type Error = Error;

    fn serialize_field<T: Serialize + ?Sized>(&mut self, value: &T) -> Result<(), Error> {
        self.push(value)
    }

    fn end(self) -> Result<Value, Error> {
        Ok(self.finish())
    }
}

/// A dict under construction.
struct Entries<'k> {
    serializer: Serializer<'k>,
    variant: Option<&'static str>,
    /// The key whose value comes next.
    key: Option<Value>,
    entries: Vec<(Value, Value)>,
}

impl<'k> Entries<'k> {
    fn new(serializer: Serializer<'k>, length: usize) -> Result<Self, Error> {
        Ok(Self {
            serializer: serializer.inner()?,
            variant: None,
            key: None,
            entries: Vec::with_capacity(length.min(MAX_RESERVED)),
        })
    }

    fn push<T: Serialize + ?Sized>(&mut self, key: Value, value: &T) -> Result<(), Error> {
        match value.serialize(self.serializer) {
            Ok(value) => {
                self.entries.push((key, value));
                Ok(())
            }
            Err(error) => {
                let error = error.in_entry(&key);
                Err(match self.variant {
                    Some(variant) => error.in_field(variant),
                    None => error,
                })
            }
        }
    }

    fn finish(self) -> Value {
        let value = Value::from(Dict::from(self.entries));
        match self.variant {
            Some(variant) => self.serializer.variant(variant, value),
            None => value,
        }
    }
}

impl ser::SerializeMap for Entries<'_> {
    type Ok = Value;
    type Error = Error;

    fn serialize_key<T: Serialize + ?Sized>(&mut self, key: &T) -> Result<(), Error> {
        let key = key.serialize(self.serializer)?;
        self.key = Some(match key {
            Value::Str(text) => self.serializer.key(&text),
            key => key,
        });
        Ok(())
    }

    fn serialize_value<T: Serialize + ?Sized>(&mut self, value: &T) -> Result<(), Error> {
        let key = self.key.take();
        let key = key.ok_or_else(|| Error::new("a map gave a value without a key"))?;
        self.push(key, value)
    }

    fn end(self) -> Result<Value, Error> {
        Ok(self.finish())
    }
}

impl ser::SerializeStruct for Entries<'_> {
    type Ok = Value;
    type Error = Error;

    fn serialize_field<T: Serialize + ?Sized>(
        &mut self,
        name: &'static str,
        value: &T,
    ) -> Result<(), Error> {
        self.push(self.serializer.key(name), value)
    }

    fn end(self) -> Result<Value, Error> {
        Ok(self.finish())
    }
}

impl ser::SerializeStructVariant for Entries<'_> {
    type Ok = Value;
    type Error = Error;

    fn serialize_field<T: Serialize + ?Sized>(
        &mut self,
        name: &'static str,
        value: &T,
    ) -> Result<(), Error> {
        self.push(self.serializer.key(name), value)
    }

    fn end(self) -> Result<Value, Error> {
        Ok(self.finish())
    }
}

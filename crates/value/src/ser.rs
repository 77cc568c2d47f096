//! The serializer behind [`to_value`] and [`Encoder::serialize`]: serde's data
//! model in Python's terms, into whatever is built.
//!
//! [`Encoder::serialize`]: crate::Encoder::serialize

use std::sync::Arc;

use serde::ser::{self, Serialize};

use crate::graph::Node;
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
/// To send it to a script, [`Encoder::serialize`](crate::Encoder::serialize)
/// needs no [`Value`] on the way.
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
    value.serialize(Serializer::new(&mut Values::default()))
}

/// Builds an object from its parts, children first.
pub(crate) trait Sink {
    /// An object that is built.
    type Part;
    /// A container being filled. One that is opened later is closed earlier.
    type Container;

    /// The whole value begins, if it is a container.
    fn begin(&mut self) {}

    /// A scalar, `str` or `bytes`; the whole value if `is_root`.
    fn leaf(&mut self, leaf: Node<'_>, is_root: bool) -> Self::Part;

    /// An object that was one before; the whole value if `is_root`.
    fn value(&mut self, value: Value, is_root: bool) -> Self::Part;

    /// A `str` that is likely to repeat, such as a key.
    fn key(&mut self, text: &str) -> Self::Part;

    /// The same for text of the program.
    fn name(&mut self, name: &'static str) -> Self::Part {
        self.key(name)
    }

    /// Opens a container of about this many children.
    fn open(&mut self, length: usize) -> Self::Container;

    /// Adds a child. A dict has them in pairs.
    fn hold(&mut self, container: &mut Self::Container, child: Self::Part);

    /// Forgets what was opened since the last child was added.
    fn restore(&mut self, container: &Self::Container);

    /// Finishes a container.
    fn close(&mut self, container: Self::Container, kind: Kind) -> Self::Part;
}

/// The containers that serde knows of.
#[derive(Clone, Copy)]
pub(crate) enum Kind {
    List,
    Tuple,
    Dict,
}

/// Builds a [`Value`].
#[derive(Default)]
struct Values {
    /// Keys repeat from row to row.
    keys: Option<Box<TextCache<Arc<str>>>>,
}

/// The limit on allocations based on a length that a type claims.
const MAX_RESERVED: usize = 4096;

impl Sink for Values {
    type Part = Value;
    type Container = Vec<Value>;

    fn leaf(&mut self, leaf: Node<'_>, _is_root: bool) -> Value {
        match leaf {
            Node::Boolean(value) => value.into(),
            Node::Integer(value) => value.into(),
            Node::Float(value) => value.into(),
            Node::Text(text) => text.into(),
            Node::Bytes(bytes) => Value::bytes(bytes),
            _ => Value::None,
        }
    }

    fn value(&mut self, value: Value, _is_root: bool) -> Value {
        value
    }

    fn key(&mut self, text: &str) -> Value {
        Value::Str(self.keys.get_or_insert_default().shared(text))
    }

    fn open(&mut self, length: usize) -> Vec<Value> {
        Vec::with_capacity(length.min(MAX_RESERVED))
    }

    fn hold(&mut self, container: &mut Vec<Value>, child: Value) {
        container.push(child);
    }

    fn restore(&mut self, _container: &Vec<Value>) {}

    fn close(&mut self, container: Vec<Value>, kind: Kind) -> Value {
        match kind {
            Kind::List => Value::List(Arc::new(container)),
            Kind::Tuple => Value::Tuple(Arc::new(container)),
            Kind::Dict => {
                let mut entries = Vec::with_capacity(container.len() / 2);
                let mut children = container.into_iter();
                while let (Some(key), Some(value)) = (children.next(), children.next()) {
                    entries.push((key, value));
                }
                Dict::from(entries).into()
            }
        }
    }
}

/// Serializes one object into a [`Sink`].
pub(crate) struct Serializer<'s, S> {
    sink: &'s mut S,
    /// The number of containers around it.
    depth: u32,
    is_key: bool,
    /// Whether a [`Value`] announced itself.
    awaits_value: bool,
}

impl<'s, S: Sink> Serializer<'s, S> {
    /// For a whole value.
    pub(crate) fn new(sink: &'s mut S) -> Self {
        Self::at(sink, 0)
    }

    fn at(sink: &'s mut S, depth: u32) -> Self {
        Self {
            sink,
            depth,
            is_key: false,
            awaits_value: false,
        }
    }

    /// Begins a container. Returns the depth of its parts.
    fn enter(&mut self) -> Result<u32, Error> {
        let depth = deeper(self.depth)?;
        if self.depth == 0 {
            self.sink.begin();
        }
        Ok(depth)
    }

    fn leaf(self, leaf: Node<'_>) -> Result<S::Part, Error> {
        Ok(self.sink.leaf(leaf, self.depth == 0))
    }

    fn text(self, text: &str) -> Result<S::Part, Error> {
        if self.is_key {
            Ok(self.sink.key(text))
        } else {
            self.leaf(Node::Text(text))
        }
    }

    fn value(self, value: Value) -> Result<S::Part, Error> {
        match value {
            Value::Str(text) if self.is_key => Ok(self.sink.key(&text)),
            value => Ok(self.sink.value(value, self.depth == 0)),
        }
    }

    fn container(
        mut self,
        kind: Kind,
        length: usize,
        variant: Option<&'static str>,
    ) -> Result<Container<'s, S>, Error> {
        let depth = self.enter()?;
        let variant = variant.map(|name| Tagged::new(self.sink, name));
        let children = match kind {
            Kind::Dict => length.saturating_mul(2),
            Kind::List | Kind::Tuple => length,
        };
        Ok(Container {
            children: self.sink.open(children),
            sink: self.sink,
            depth,
            kind,
            variant,
            length: 0,
            key: None,
        })
    }
}

/// A variant of an enum with content: a dict with one entry.
struct Tagged<S: Sink> {
    name: &'static str,
    dict: S::Container,
}

impl<S: Sink> Tagged<S> {
    fn new(sink: &mut S, name: &'static str) -> Self {
        let mut dict = sink.open(2);
        let key = sink.name(name);
        sink.hold(&mut dict, key);
        Self { name, dict }
    }

    fn close(mut self, sink: &mut S, content: S::Part) -> S::Part {
        sink.hold(&mut self.dict, content);
        sink.close(self.dict, Kind::Dict)
    }
}

/// Ints that fit in 64 bits, and floats.
macro_rules! serialize_numbers {
    ($($method:ident($number:ty) => $node:ident;)*) => {$(
        fn $method(self, value: $number) -> Result<S::Part, Error> {
            self.leaf(Node::$node(value.into()))
        }
    )*};
}

/// Ints that may need more than 64 bits.
macro_rules! serialize_wide_ints {
    ($($method:ident($int:ty);)*) => {$(
        fn $method(self, value: $int) -> Result<S::Part, Error> {
            match i64::try_from(value) {
                Ok(value) => self.leaf(Node::Integer(value)),
                Err(_) => self.value(value.into()),
            }
        }
    )*};
}

impl<'s, S: Sink> ser::Serializer for Serializer<'s, S> {
    type Ok = S::Part;
    type Error = Error;
    type SerializeSeq = Container<'s, S>;
    type SerializeTuple = Container<'s, S>;
    type SerializeTupleStruct = Container<'s, S>;
    type SerializeTupleVariant = Container<'s, S>;
    type SerializeMap = Container<'s, S>;
    type SerializeStruct = Container<'s, S>;
    type SerializeStructVariant = Container<'s, S>;

    serialize_numbers! {
        serialize_i8(i8) => Integer;
        serialize_i16(i16) => Integer;
        serialize_i32(i32) => Integer;
        serialize_i64(i64) => Integer;
        serialize_u8(u8) => Integer;
        serialize_u16(u16) => Integer;
        serialize_u32(u32) => Integer;
        serialize_f32(f32) => Float;
        serialize_f64(f64) => Float;
    }

    serialize_wide_ints! {
        serialize_i128(i128);
        serialize_u64(u64);
        serialize_u128(u128);
    }

    fn serialize_bool(self, value: bool) -> Result<S::Part, Error> {
        self.leaf(Node::Boolean(value))
    }

    fn serialize_char(self, value: char) -> Result<S::Part, Error> {
        self.text(value.encode_utf8(&mut [0; 4]))
    }

    fn serialize_str(self, value: &str) -> Result<S::Part, Error> {
        self.text(value)
    }

    fn serialize_bytes(self, value: &[u8]) -> Result<S::Part, Error> {
        self.leaf(Node::Bytes(value))
    }

    fn serialize_none(self) -> Result<S::Part, Error> {
        self.leaf(Node::None)
    }

    fn serialize_some<T: Serialize + ?Sized>(self, value: &T) -> Result<S::Part, Error> {
        value.serialize(self)
    }

    fn serialize_unit(self) -> Result<S::Part, Error> {
        if self.awaits_value
            && let Some(value) = passage::take()
        {
            return self.value(value);
        }
        self.leaf(Node::None)
    }

    fn serialize_unit_struct(self, _name: &'static str) -> Result<S::Part, Error> {
        self.leaf(Node::None)
    }

    fn serialize_unit_variant(
        self,
        _name: &'static str,
        _index: u32,
        variant: &'static str,
    ) -> Result<S::Part, Error> {
        self.text(variant)
    }

    fn serialize_newtype_struct<T: Serialize + ?Sized>(
        self,
        name: &'static str,
        value: &T,
    ) -> Result<S::Part, Error> {
        if name == VALUE_NAME {
            passage::receive(|| {
                value.serialize(Self {
                    awaits_value: true,
                    ..self
                })
            })
        } else {
            value.serialize(self)
        }
    }

    fn serialize_newtype_variant<T: Serialize + ?Sized>(
        mut self,
        _name: &'static str,
        _index: u32,
        variant: &'static str,
        value: &T,
    ) -> Result<S::Part, Error> {
        let depth = self.enter()?;
        let tagged = Tagged::new(self.sink, variant);
        let content = value
            .serialize(Serializer::at(self.sink, depth))
            .map_err(|error| error.in_field(variant))?;
        Ok(tagged.close(self.sink, content))
    }

    fn serialize_seq(self, length: Option<usize>) -> Result<Container<'s, S>, Error> {
        self.container(Kind::List, length.unwrap_or(0), None)
    }

    fn serialize_tuple(self, length: usize) -> Result<Container<'s, S>, Error> {
        self.container(Kind::Tuple, length, None)
    }

    fn serialize_tuple_struct(
        self,
        _name: &'static str,
        length: usize,
    ) -> Result<Container<'s, S>, Error> {
        self.container(Kind::Tuple, length, None)
    }

    fn serialize_tuple_variant(
        self,
        _name: &'static str,
        _index: u32,
        variant: &'static str,
        length: usize,
    ) -> Result<Container<'s, S>, Error> {
        self.container(Kind::Tuple, length, Some(variant))
    }

    fn serialize_map(self, length: Option<usize>) -> Result<Container<'s, S>, Error> {
        self.container(Kind::Dict, length.unwrap_or(0), None)
    }

    fn serialize_struct(
        self,
        _name: &'static str,
        length: usize,
    ) -> Result<Container<'s, S>, Error> {
        self.container(Kind::Dict, length, None)
    }

    fn serialize_struct_variant(
        self,
        _name: &'static str,
        _index: u32,
        variant: &'static str,
        length: usize,
    ) -> Result<Container<'s, S>, Error> {
        self.container(Kind::Dict, length, Some(variant))
    }
}

/// A list, tuple or dict under construction.
pub(crate) struct Container<'s, S: Sink> {
    sink: &'s mut S,
    /// The depth of its parts.
    depth: u32,
    kind: Kind,
    variant: Option<Tagged<S>>,
    children: S::Container,
    /// The number of items so far.
    length: usize,
    /// The key whose value comes next.
    key: Option<Value>,
}

impl<S: Sink> Container<'_, S> {
    fn part<T: Serialize + ?Sized>(&mut self, part: &T) -> Result<S::Part, Error> {
        let part = part.serialize(Serializer::at(self.sink, self.depth));
        part.inspect_err(|_| self.sink.restore(&self.children))
    }

    fn item<T: Serialize + ?Sized>(&mut self, item: &T) -> Result<(), Error> {
        let index = self.length;
        let item = self
            .part(item)
            .map_err(|error| self.locate(error.in_item(index)))?;
        self.sink.hold(&mut self.children, item);
        self.length += 1;
        Ok(())
    }

    /// Adds an entry. The key is named in an error of its value.
    fn entry<T: Serialize + ?Sized>(
        &mut self,
        key: S::Part,
        value: &T,
        named: impl FnOnce() -> Value,
    ) -> Result<(), Error> {
        let value = self
            .part(value)
            .map_err(|error| self.locate(error.in_entry(&named())))?;
        self.sink.hold(&mut self.children, key);
        self.sink.hold(&mut self.children, value);
        Ok(())
    }

    fn field<T: Serialize + ?Sized>(&mut self, name: &'static str, value: &T) -> Result<(), Error> {
        let key = self.sink.name(name);
        self.entry(key, value, || Value::from(name))
    }

    fn key<T: Serialize + ?Sized>(&mut self, key: &T) -> Result<S::Part, Error> {
        let serializer = Serializer {
            is_key: true,
            ..Serializer::at(self.sink, self.depth)
        };
        let key = key.serialize(serializer);
        key.inspect_err(|_| self.sink.restore(&self.children))
    }

    fn locate(&self, error: Error) -> Error {
        match &self.variant {
            Some(variant) => error.in_field(variant.name),
            None => error,
        }
    }

    fn finish(self) -> S::Part {
        let part = self.sink.close(self.children, self.kind);
        match self.variant {
            Some(variant) => variant.close(self.sink, part),
            None => part,
        }
    }
}

/// The methods of serde's traits for sequences.
macro_rules! impl_items {
    ($($sequence:ident::$method:ident;)*) => {$(
        impl<S: Sink> ser::$sequence for Container<'_, S> {
            type Ok = S::Part;
            type Error = Error;

            fn $method<T: Serialize + ?Sized>(&mut self, item: &T) -> Result<(), Error> {
                self.item(item)
            }

            fn end(self) -> Result<S::Part, Error> {
                Ok(self.finish())
            }
        }
    )*};
}

impl_items! {
    SerializeSeq::serialize_element;
    SerializeTuple::serialize_element;
    SerializeTupleStruct::serialize_field;
    SerializeTupleVariant::serialize_field;
}

/// The methods of serde's traits for structs.
macro_rules! impl_fields {
    ($($fields:ident)*) => {$(
        impl<S: Sink> ser::$fields for Container<'_, S> {
            type Ok = S::Part;
            type Error = Error;

            fn serialize_field<T: Serialize + ?Sized>(
                &mut self,
                name: &'static str,
                value: &T,
            ) -> Result<(), Error> {
                self.field(name, value)
            }

            fn end(self) -> Result<S::Part, Error> {
                Ok(self.finish())
            }
        }
    )*};
}

impl_fields!(SerializeStruct SerializeStructVariant);

impl<S: Sink> ser::SerializeMap for Container<'_, S> {
    type Ok = S::Part;
    type Error = Error;

    fn serialize_key<T: Serialize + ?Sized>(&mut self, key: &T) -> Result<(), Error> {
        let mut values = Values::default();
        self.key = Some(key.serialize(Serializer::at(&mut values, self.depth))?);
        Ok(())
    }

    fn serialize_value<T: Serialize + ?Sized>(&mut self, value: &T) -> Result<(), Error> {
        let key = self.key.take();
        let key = key.ok_or_else(|| Error::new("a map gave a value without a key"))?;
        let part = self.key(&key)?;
        self.entry(part, value, || key)
    }

    fn serialize_entry<K: Serialize + ?Sized, T: Serialize + ?Sized>(
        &mut self,
        key: &K,
        value: &T,
    ) -> Result<(), Error> {
        let part = self.key(key)?;
        self.entry(part, value, || to_value(key).unwrap_or(Value::None))
    }

    fn end(self) -> Result<S::Part, Error> {
        Ok(self.finish())
    }
}

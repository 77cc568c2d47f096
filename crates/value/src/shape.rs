//! The shape of an object for serde, when written to another format or to a Rust
//! type.

use std::slice;

use num_bigint::BigInt;
use num_traits::ToPrimitive;

use crate::error::excerpt;
use crate::graph::{Node, out_of_range};
use crate::types::{NamedOperand, NodeId, Operand, RareNode};
use crate::{Complex, Decoder, Dict, Error, Value};

/// The limit on serde's recursion: the depth that `serde_json` reads, which
/// fits the stack of a small thread.
pub(crate) const MAX_SERDE_DEPTH: u32 = 127;

/// The name by which our serializer recognises a [`Value`], to take it
/// unchanged.
pub(crate) const VALUE_NAME: &str = "$monty_value::Value";

/// An object that serde reads.
#[derive(Clone, Copy)]
pub(crate) enum Object<'a> {
    Value(&'a Value),
    /// An object of a message's graph.
    Node(NodeId, &'a Decoder<'a>),
    /// An operand of a message, inline.
    Inline(&'a Operand),
    /// The name of a keyword argument.
    Name(&'a str),
    /// A tuple of positional arguments.
    Positional(&'a [Operand], &'a Decoder<'a>),
    /// A dict of keyword arguments.
    Keyword(&'a [&'a NamedOperand], &'a Decoder<'a>),
}

/// The part of serde's data model that an object maps to.
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
    Seq(Items<'a>),
    Complex(Complex),
    Map(Entries<'a>),
    Fields(&'a [String], Items<'a>),
}

/// The items of a sequence.
#[derive(Clone)]
pub(crate) enum Items<'a> {
    Values(slice::Iter<'a, Value>),
    Nodes(slice::Iter<'a, NodeId>, &'a Decoder<'a>),
    Operands(slice::Iter<'a, Operand>, &'a Decoder<'a>),
}

impl<'a> Iterator for Items<'a> {
    type Item = Object<'a>;

    fn next(&mut self) -> Option<Object<'a>> {
        Some(match self {
            Self::Values(items) => Object::Value(items.next()?),
            Self::Nodes(items, decoder) => Object::Node(*items.next()?, decoder),
            Self::Operands(items, decoder) => Object::of(items.next()?, decoder),
        })
    }

    fn size_hint(&self) -> (usize, Option<usize>) {
        let length = match self {
            Self::Values(items) => items.len(),
            Self::Nodes(items, _) => items.len(),
            Self::Operands(items, _) => items.len(),
        };
        (length, Some(length))
    }
}

impl ExactSizeIterator for Items<'_> {}

/// The entries of a dict.
#[derive(Clone)]
pub(crate) enum Entries<'a> {
    Values(slice::Iter<'a, (Value, Value)>),
    Nodes(slice::Iter<'a, [NodeId; 2]>, &'a Decoder<'a>),
    Keyword(slice::Iter<'a, &'a NamedOperand>, &'a Decoder<'a>),
}

impl<'a> Iterator for Entries<'a> {
    type Item = (Object<'a>, Object<'a>);

    fn next(&mut self) -> Option<Self::Item> {
        Some(match self {
            Self::Values(entries) => {
                let (key, value) = entries.next()?;
                (Object::Value(key), Object::Value(value))
            }
            Self::Nodes(entries, decoder) => {
                let [key, value] = entries.next()?;
                (Object::Node(*key, decoder), Object::Node(*value, decoder))
            }
            Self::Keyword(entries, decoder) => {
                let entry = entries.next()?;
                (Object::Name(&entry.name), Object::of(&entry.value, decoder))
            }
        })
    }

    fn size_hint(&self) -> (usize, Option<usize>) {
        let length = match self {
            Self::Values(entries) => entries.len(),
            Self::Nodes(entries, _) => entries.len(),
            Self::Keyword(entries, _) => entries.len(),
        };
        (length, Some(length))
    }
}

impl ExactSizeIterator for Entries<'_> {}

impl<'a> Object<'a> {
    /// The object of an operand.
    pub(crate) fn of(operand: &'a Operand, decoder: &'a Decoder<'a>) -> Self {
        match operand {
            Operand::Node(id) => Self::Node(*id, decoder),
            inline => Self::Inline(inline),
        }
    }

    /// The object as a value.
    pub(crate) fn to_value(self) -> Result<Value, Error> {
        Ok(match self {
            Self::Value(value) => value.clone(),
            Self::Node(id, decoder) => decoder.build(id)?,
            Self::Inline(operand) => inline_value(operand),
            Self::Name(name) => name.into(),
            Self::Positional(operands, decoder) => {
                let items = operands.iter().map(|item| Self::of(item, decoder));
                let items = items.map(Self::to_value).collect::<Result<Vec<_>, _>>()?;
                Value::Tuple(items.into())
            }
            Self::Keyword(operands, decoder) => {
                let entries = Entries::Keyword(operands.iter(), decoder);
                let entries = entries.map(|(key, value)| Ok((key.to_value()?, value.to_value()?)));
                Dict::from(entries.collect::<Result<Vec<_>, Error>>()?).into()
            }
        })
    }

    /// Whether this is `None`.
    pub(crate) fn is_none(self) -> bool {
        match self {
            Self::Value(value) => value.is_none(),
            Self::Node(id, decoder) => matches!(decoder.node(id), Some(Node::None)),
            Self::Inline(operand) => matches!(operand, Operand::Null),
            Self::Name(_) | Self::Positional(..) | Self::Keyword(..) => false,
        }
    }

    /// The `str`.
    pub(crate) fn as_str(self) -> Option<&'a str> {
        match self {
            Self::Value(value) => value.as_str(),
            Self::Node(id, decoder) => match decoder.node(id)? {
                Node::Text(text) => Some(text),
                _ => None,
            },
            Self::Inline(Operand::Text(text)) => Some(text),
            Self::Name(name) => Some(name),
            Self::Inline(_) | Self::Positional(..) | Self::Keyword(..) => None,
        }
    }

    /// The entries of a dict.
    pub(crate) fn entries(self) -> Option<Entries<'a>> {
        match self {
            Self::Value(value) => Some(Entries::Values(value.as_dict()?.iter())),
            Self::Node(id, decoder) => match decoder.node(id)? {
                Node::Dict(children) => Some(pairs(children, decoder)),
                _ => None,
            },
            Self::Keyword(operands, decoder) => Some(Entries::Keyword(operands.iter(), decoder)),
            Self::Inline(_) | Self::Name(_) | Self::Positional(..) => None,
        }
    }

    pub(crate) fn shape(self) -> Result<Shape<'a>, Error> {
        match self {
            Self::Value(value) => of_value(value),
            Self::Node(id, decoder) => match decoder.node(id) {
                Some(node) => of_node(node, self, decoder),
                None => Err(out_of_range(id, decoder.len()).into()),
            },
            Self::Inline(operand) => Ok(match operand {
                Operand::Boolean(value) => Shape::Bool(*value),
                Operand::Integer(value) => Shape::I64(*value),
                Operand::Float(value) => Shape::F64(*value),
                Operand::Text(text) => Shape::Str(text),
                Operand::Bytes(bytes) => Shape::Bytes(bytes),
                Operand::Null | Operand::Node(_) => Shape::Unit,
            }),
            Self::Name(name) => Ok(Shape::Str(name)),
            Self::Positional(operands, decoder) => {
                Ok(Shape::Seq(Items::Operands(operands.iter(), decoder)))
            }
            Self::Keyword(operands, decoder) => {
                Ok(Shape::Map(Entries::Keyword(operands.iter(), decoder)))
            }
        }
    }
}

/// The value of an operand that is not in the graph.
pub(crate) fn inline_value(operand: &Operand) -> Value {
    match operand {
        Operand::Null | Operand::Node(_) => Value::None,
        Operand::Boolean(value) => Value::Bool(*value),
        Operand::Integer(value) => Value::Int(*value),
        Operand::Float(value) => Value::Float(*value),
        Operand::Text(text) => Value::from(text.as_str()),
        Operand::Bytes(bytes) => Value::bytes(bytes.as_slice()),
    }
}

fn pairs<'a>(children: &'a [NodeId], decoder: &'a Decoder<'a>) -> Entries<'a> {
    let (pairs, _) = children.as_chunks::<2>();
    Entries::Nodes(pairs.iter(), decoder)
}

fn of_node<'a>(
    node: Node<'a>,
    object: Object<'a>,
    decoder: &'a Decoder<'a>,
) -> Result<Shape<'a>, Error> {
    Ok(match node {
        Node::None => Shape::Unit,
        Node::Boolean(value) => Shape::Bool(value),
        Node::Integer(value) => Shape::I64(value),
        Node::Float(value) => Shape::F64(value),
        Node::Text(text) => Shape::Str(text),
        Node::Bytes(bytes) => Shape::Bytes(bytes),
        Node::List(items) | Node::Tuple(items) | Node::Set(items) | Node::FrozenSet(items) => {
            Shape::Seq(Items::Nodes(items.iter(), decoder))
        }
        Node::Dict(children) => Shape::Map(pairs(children, decoder)),
        Node::Rare(rare, children) => match rare {
            RareNode::BigInteger(bytes) => of_int(&BigInt::from_signed_bytes_le(bytes))?,
            RareNode::Complex(value) => Shape::Complex(*value),
            RareNode::Decimal(text) | RareNode::Path(text) => Shape::Str(text),
            RareNode::Date(date) => Shape::Text(date.to_string()),
            RareNode::Datetime(datetime) => Shape::Text(datetime.to_string()),
            RareNode::Time(time) => Shape::Text(time.to_string()),
            RareNode::Timedelta(delta) => Shape::Text(delta.to_string()),
            RareNode::Timezone(timezone) => Shape::Text(timezone.to_string()),
            RareNode::NamedTuple(tuple) => {
                Shape::Fields(&tuple.field_names, Items::Nodes(children.iter(), decoder))
            }
            RareNode::Instance(_) => Shape::Map(pairs(children, decoder)),
            RareNode::Exception(_)
            | RareNode::TypeObject(_)
            | RareNode::BuiltinFunction(_)
            | RareNode::Function(_)
            | RareNode::Class(_)
            | RareNode::Module(_)
            | RareNode::File(_)
            | RareNode::Representation(_)
            | RareNode::Cycle(_) => return Err(no_form(&object.to_value()?)),
        },
        Node::Ellipsis | Node::NotImplemented => return Err(no_form(&object.to_value()?)),
    })
}

fn of_value(value: &Value) -> Result<Shape<'_>, Error> {
    Ok(match value {
        Value::None => Shape::Unit,
        Value::Bool(value) => Shape::Bool(*value),
        Value::Int(value) => Shape::I64(*value),
        Value::BigInt(value) => of_int(value)?,
        Value::Float(value) => Shape::F64(*value),
        Value::Complex(value) => Shape::Complex(*value),
        Value::Str(text) | Value::Path(text) => Shape::Str(text),
        Value::Decimal(decimal) => Shape::Str(decimal.as_str()),
        Value::Bytes(bytes) => Shape::Bytes(bytes),
        Value::List(items) | Value::Tuple(items) | Value::Set(items) | Value::FrozenSet(items) => {
            Shape::Seq(Items::Values(items.iter()))
        }
        Value::NamedTuple(tuple) => {
            Shape::Fields(tuple.field_names(), Items::Values(tuple.values().iter()))
        }
        Value::Dict(dict) => Shape::Map(Entries::Values(dict.iter())),
        Value::Instance(instance) => Shape::Map(Entries::Values(instance.attributes.iter())),
        Value::Date(date) => Shape::Text(date.to_string()),
        Value::DateTime(datetime) => Shape::Text(datetime.to_string()),
        Value::Time(time) => Shape::Text(time.to_string()),
        Value::TimeDelta(delta) => Shape::Text(delta.to_string()),
        Value::TimeZone(timezone) => Shape::Text(timezone.to_string()),
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
        | Value::Cycle(_) => return Err(no_form(value)),
    })
}

/// The shape of an `int` of any size.
fn of_int(value: &BigInt) -> Result<Shape<'static>, Error> {
    if let Some(value) = value.to_i64() {
        Ok(Shape::I64(value))
    } else if let Some(value) = value.to_u64() {
        Ok(Shape::U64(value))
    } else if let Some(value) = value.to_i128() {
        Ok(Shape::I128(value))
    } else if let Some(value) = value.to_u128() {
        Ok(Shape::U128(value))
    } else {
        Err(Error::new(format!(
            "an int of {} bits has no form here; 128 are the most",
            value.bits()
        )))
    }
}

fn no_form(value: &Value) -> Error {
    Error::new(format!("{} has no form here", excerpt(value)))
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

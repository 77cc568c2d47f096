//! Walking values without recursion: their children, and equality.
//!
//! A value from Python may be nested as deep as
//! [`MAX_DEPTH`](crate::graph::MAX_DEPTH); one native stack frame per level
//! would be too much for a small thread.

use std::slice;
use std::sync::Arc;

use crate::{Class, Dict, Value};

/// An object that another holds. A class is its own case, because an instance
/// holds its class as such and not as a [`Value`].
#[derive(Clone, Copy)]
pub(crate) enum Item<'a> {
    Value(&'a Value),
    Class(&'a Arc<Class>),
}

impl<'a> From<&'a Value> for Item<'a> {
    fn from(value: &'a Value) -> Self {
        match value {
            Value::Class(class) => Self::Class(class),
            _ => Self::Value(value),
        }
    }
}

impl<'a> Item<'a> {
    /// The objects that this one holds.
    pub(crate) fn children(self) -> Children<'a> {
        let mut children = Children::default();
        match self {
            Self::Class(class) => children.hold_pairs(&class.attributes),
            Self::Value(value) => match value {
                Value::List(items)
                | Value::Tuple(items)
                | Value::Set(items)
                | Value::FrozenSet(items) => children.items = items.iter(),
                Value::NamedTuple(tuple) => children.items = tuple.values().iter(),
                Value::Dict(dict) => children.hold_pairs(dict),
                Value::Class(class) => children.hold_pairs(&class.attributes),
                Value::Module(module) => children.hold_pairs(&module.attributes),
                Value::Instance(instance) => {
                    children.class = Some(&instance.class);
                    children.hold_pairs(&instance.attributes);
                }
                _ => {}
            },
        }
        children
    }
}

/// The objects that an object holds, in their order. An instance's class comes
/// first; a dict gives key, value, key, value, …
#[derive(Clone, Default)]
pub(crate) struct Children<'a> {
    class: Option<&'a Arc<Class>>,
    /// The value of the previous key.
    pending: Option<&'a Value>,
    items: slice::Iter<'a, Value>,
    pairs: slice::Iter<'a, (Value, Value)>,
}

impl<'a> Children<'a> {
    fn hold_pairs(&mut self, dict: &'a Dict) {
        self.pairs = dict.iter();
    }

    fn len(&self) -> usize {
        usize::from(self.class.is_some())
            + usize::from(self.pending.is_some())
            + self.items.len()
            + 2 * self.pairs.len()
    }
}

impl<'a> Iterator for Children<'a> {
    type Item = Item<'a>;

    fn next(&mut self) -> Option<Item<'a>> {
        if let Some(class) = self.class.take() {
            return Some(Item::Class(class));
        }
        if let Some(value) = self.pending.take() {
            return Some(value.into());
        }
        if let Some(value) = self.items.next() {
            return Some(value.into());
        }
        let (key, value) = self.pairs.next()?;
        self.pending = Some(value);
        Some(key.into())
    }

    /// Skips children without a step for each: a call may name every child of a
    /// large object as an argument.
    fn nth(&mut self, mut index: usize) -> Option<Item<'a>> {
        while index > 0 && (self.class.is_some() || self.pending.is_some()) {
            self.next();
            index -= 1;
        }
        if self.class.is_some() || self.pending.is_some() {
            return self.next();
        }
        if index < self.items.len() {
            return self.items.nth(index).map(Item::from);
        }
        index -= self.items.len();
        self.items = [].iter();
        let (key, value) = self.pairs.nth(index / 2)?;
        if index.is_multiple_of(2) {
            self.pending = Some(value);
            Some(key.into())
        } else {
            Some(value.into())
        }
    }
}

/// Two values are equal if they are of the same kind and have equal contents in
/// the same order. An `int` is not a `float`, a dict or set in another order is
/// another value, and floats are compared bit for bit, so that `NaN` equals
/// itself and `0.0` is not `-0.0`. This suits tests of values that went to
/// Python and back; it is not Python's `==`.
impl PartialEq for Value {
    fn eq(&self, other: &Self) -> bool {
        let mut pending: Vec<(Children<'_>, Children<'_>)> = Vec::new();
        let mut pair = Some((Item::from(self), Item::from(other)));
        loop {
            let Some((left, right)) = pair.take() else {
                let Some((left, right)) = pending.last_mut() else {
                    return true;
                };
                pair = left.next().zip(right.next());
                if pair.is_none() {
                    pending.pop();
                }
                continue;
            };
            if is_same_object(left, right) {
                continue;
            }
            if !is_same_outside(left, right) {
                return false;
            }
            let (left, right) = (left.children(), right.children());
            if left.len() != right.len() {
                return false;
            }
            if left.len() > 0 {
                pending.push((left, right));
            }
        }
    }
}

impl Eq for Value {}

/// Whether two items are one object in memory.
fn is_same_object(left: Item<'_>, right: Item<'_>) -> bool {
    match (left, right) {
        (Item::Class(left), Item::Class(right)) => Arc::ptr_eq(left, right),
        (Item::Value(left), Item::Value(right)) => left.ptr_eq(right),
        _ => false,
    }
}

/// Whether two items are equal apart from their children.
fn is_same_outside(left: Item<'_>, right: Item<'_>) -> bool {
    match (left, right) {
        (Item::Class(left), Item::Class(right)) => {
            left.name == right.name
                && left.id == right.id
                && left.host_defined == right.host_defined
                && left.dataclass == right.dataclass
        }
        (Item::Value(left), Item::Value(right)) => is_same_shell(left, right),
        _ => false,
    }
}

fn is_same_shell(left: &Value, right: &Value) -> bool {
    match (left, right) {
        (Value::None, Value::None)
        | (Value::Ellipsis, Value::Ellipsis)
        | (Value::NotImplemented, Value::NotImplemented)
        | (Value::List(_), Value::List(_))
        | (Value::Tuple(_), Value::Tuple(_))
        | (Value::Set(_), Value::Set(_))
        | (Value::FrozenSet(_), Value::FrozenSet(_))
        | (Value::Dict(_), Value::Dict(_)) => true,
        (Value::Bool(left), Value::Bool(right)) => left == right,
        (Value::Int(left), Value::Int(right)) => left == right,
        (Value::BigInt(left), Value::BigInt(right)) => left == right,
        (Value::Float(left), Value::Float(right)) => left.to_bits() == right.to_bits(),
        (Value::Complex(left), Value::Complex(right)) => {
            left.real.to_bits() == right.real.to_bits()
                && left.imaginary.to_bits() == right.imaginary.to_bits()
        }
        (Value::Str(left), Value::Str(right))
        | (Value::Path(left), Value::Path(right))
        | (Value::Type(left), Value::Type(right))
        | (Value::BuiltinFunction(left), Value::BuiltinFunction(right))
        | (Value::Repr(left), Value::Repr(right))
        | (Value::Cycle(left), Value::Cycle(right)) => left == right,
        (Value::Bytes(left), Value::Bytes(right)) => left == right,
        (Value::Decimal(left), Value::Decimal(right)) => left == right,
        (Value::Date(left), Value::Date(right)) => left == right,
        (Value::DateTime(left), Value::DateTime(right)) => left == right,
        (Value::Time(left), Value::Time(right)) => left == right,
        (Value::TimeDelta(left), Value::TimeDelta(right)) => left == right,
        (Value::TimeZone(left), Value::TimeZone(right)) => left == right,
        (Value::Exception(left), Value::Exception(right)) => left == right,
        (Value::Function(left), Value::Function(right)) => left == right,
        (Value::File(left), Value::File(right)) => left == right,
        (Value::NamedTuple(left), Value::NamedTuple(right)) => {
            left.type_name() == right.type_name() && left.field_names() == right.field_names()
        }
        (Value::Instance(left), Value::Instance(right)) => left.id == right.id,
        (Value::Module(left), Value::Module(right)) => {
            left.name == right.name && left.id == right.id
        }
        _ => false,
    }
}

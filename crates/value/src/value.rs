//! [`Value`]: a Python object on the Rust side.

use std::sync::Arc;

use num_bigint::BigInt;
use num_traits::ToPrimitive;

use crate::types::{Complex, Date, Datetime, Exception, File, Function, Time, Timedelta, Timezone};
use crate::{Class, Decimal, Dict, Error, Instance, Module, NamedTuple};

/// A Python object.
///
/// Containers are in an [`Arc`]: a clone is the same object, not a copy, and an
/// object held at two places arrives in Python as one. Equality is described at
/// [its implementation](#impl-PartialEq-for-Value). The text form
/// ([`Display`](std::fmt::Display)) is Python's `repr()`.
///
/// A value from Python is nested at most
/// [`MAX_DEPTH`](crate::graph::MAX_DEPTH) levels deep. One that a host builds
/// much deeper (some ten thousand levels) overflows the stack when it is
/// dropped, as any nested `Arc` does.
#[derive(Clone)]
pub enum Value {
    /// `None`.
    None,
    /// `True` or `False`.
    Bool(bool),
    /// An `int` that fits in 64 bits.
    Int(i64),
    /// An `int` that does not fit in 64 bits. One that does is an
    /// [`Int`](Self::Int): `Value::from` chooses.
    BigInt(Arc<BigInt>),
    /// A `float`.
    Float(f64),
    /// A `complex`.
    Complex(Complex),
    /// A `str`.
    Str(Arc<str>),
    /// A `bytes`.
    Bytes(Arc<[u8]>),
    /// A `list`.
    List(Arc<Vec<Value>>),
    /// A `tuple`.
    Tuple(Arc<Vec<Value>>),
    /// A `set`, in the order in which Python iterates over it.
    Set(Arc<Vec<Value>>),
    /// A `frozenset`, in the order in which Python iterates over it.
    FrozenSet(Arc<Vec<Value>>),
    /// A `dict`.
    Dict(Arc<Dict>),
    /// `...`.
    Ellipsis,
    /// `NotImplemented`.
    NotImplemented,
    /// A `decimal.Decimal`.
    Decimal(Decimal),
    /// A `datetime.date`.
    Date(Date),
    /// A `datetime.datetime`.
    DateTime(Arc<Datetime>),
    /// A `datetime.time`.
    Time(Arc<Time>),
    /// A `datetime.timedelta`.
    TimeDelta(Timedelta),
    /// A `datetime.timezone`.
    TimeZone(Arc<Timezone>),
    /// A `pathlib.Path`: a virtual POSIX path.
    Path(Arc<str>),
    /// An exception as a value, not raised.
    Exception(Arc<Exception>),
    /// A built-in type by name, such as `int` or `datetime.date`.
    Type(Arc<str>),
    /// A built-in function by name, such as `len`.
    BuiltinFunction(Arc<str>),
    /// A function of the host, which the script calls by name.
    Function(Arc<Function>),
    /// A named tuple.
    NamedTuple(Arc<NamedTuple>),
    /// A class that the script or the host defined.
    Class(Arc<Class>),
    /// An instance of such a class.
    Instance(Arc<Instance>),
    /// A module of the host.
    Module(Arc<Module>),
    /// An open file.
    File(Arc<File>),
    /// From Python only: the `repr()` of a value of any other kind.
    Repr(Arc<str>),
    /// From Python only: a reference back to an enclosing container, as its
    /// `repr()` shows it, such as `[...]`.
    Cycle(Arc<str>),
}

/// Constructors.
impl Value {
    /// A `list`.
    pub fn list<T: Into<Value>>(items: impl IntoIterator<Item = T>) -> Self {
        Self::List(collect(items))
    }

    /// A `tuple`.
    pub fn tuple<T: Into<Value>>(items: impl IntoIterator<Item = T>) -> Self {
        Self::Tuple(collect(items))
    }

    /// A `set`. Python drops an item that is equal to another.
    pub fn set<T: Into<Value>>(items: impl IntoIterator<Item = T>) -> Self {
        Self::Set(collect(items))
    }

    /// A `frozenset`. Python drops an item that is equal to another.
    pub fn frozen_set<T: Into<Value>>(items: impl IntoIterator<Item = T>) -> Self {
        Self::FrozenSet(collect(items))
    }

    /// A `dict` of keys and values.
    ///
    /// Keys and values of several types need a [`Dict`], or `Value::from` for
    /// each: `Value::dict([("a", Value::from(1)), ("b", Value::from("x"))])`.
    pub fn dict<K: Into<Value>, V: Into<Value>>(entries: impl IntoIterator<Item = (K, V)>) -> Self {
        Self::Dict(Arc::new(entries.into_iter().collect()))
    }

    /// A `bytes`.
    pub fn bytes(bytes: impl Into<Arc<[u8]>>) -> Self {
        Self::Bytes(bytes.into())
    }

    /// A `complex`.
    pub const fn complex(real: f64, imaginary: f64) -> Self {
        Self::Complex(Complex { real, imaginary })
    }

    /// A `pathlib.Path`: a virtual POSIX path, not one of the host.
    pub fn path(path: impl Into<Arc<str>>) -> Self {
        Self::Path(path.into())
    }

    /// A `decimal.Decimal` from its text, such as `1.20`.
    ///
    /// # Errors
    ///
    /// If the text is not a decimal number.
    pub fn decimal(text: &str) -> Result<Self, Error> {
        Decimal::new(text).map(Self::Decimal)
    }

    /// An exception as a value, such as `ValueError('x')`.
    pub fn exception(type_name: impl Into<String>, message: Option<&str>) -> Self {
        Self::Exception(Arc::new(Exception {
            type_name: type_name.into(),
            message: message.map(str::to_owned),
        }))
    }

    /// A function of the host, which the script calls by this name.
    pub fn function(name: impl Into<String>, docstring: Option<&str>) -> Self {
        Self::Function(Arc::new(Function {
            name: name.into(),
            docstring: docstring.map(str::to_owned),
        }))
    }

    /// A named tuple.
    pub fn named_tuple<N: Into<String>, V: Into<Value>>(
        type_name: &str,
        fields: impl IntoIterator<Item = (N, V)>,
    ) -> Self {
        Self::NamedTuple(Arc::new(NamedTuple::new(type_name, fields)))
    }
}

fn collect<T: Into<Value>>(items: impl IntoIterator<Item = T>) -> Arc<Vec<Value>> {
    Arc::new(items.into_iter().map(Into::into).collect())
}

/// Accessors. Each returns only its own kind: nothing is converted.
impl Value {
    /// Whether this is `None`.
    pub const fn is_none(&self) -> bool {
        matches!(self, Self::None)
    }

    /// The `bool`.
    pub const fn as_bool(&self) -> Option<bool> {
        match self {
            Self::Bool(value) => Some(*value),
            _ => None,
        }
    }

    /// The `int`, if it fits.
    pub const fn as_i64(&self) -> Option<i64> {
        match self {
            Self::Int(value) => Some(*value),
            _ => None,
        }
    }

    /// The `int`, if it fits.
    pub fn as_i128(&self) -> Option<i128> {
        match self {
            Self::Int(value) => Some(i128::from(*value)),
            Self::BigInt(value) => value.to_i128(),
            _ => None,
        }
    }

    /// The `float`.
    pub const fn as_f64(&self) -> Option<f64> {
        match self {
            Self::Float(value) => Some(*value),
            _ => None,
        }
    }

    /// The `str`.
    pub fn as_str(&self) -> Option<&str> {
        match self {
            Self::Str(text) => Some(text),
            _ => None,
        }
    }

    /// The `bytes`.
    pub fn as_bytes(&self) -> Option<&[u8]> {
        match self {
            Self::Bytes(bytes) => Some(bytes),
            _ => None,
        }
    }

    /// The `dict`.
    pub fn as_dict(&self) -> Option<&Dict> {
        match self {
            Self::Dict(dict) => Some(dict),
            _ => None,
        }
    }

    /// The items of a list, tuple, named tuple, set or frozenset.
    pub fn items(&self) -> Option<&[Value]> {
        match self {
            Self::List(items) | Self::Tuple(items) | Self::Set(items) | Self::FrozenSet(items) => {
                Some(items)
            }
            Self::NamedTuple(tuple) => Some(tuple.values()),
            _ => None,
        }
    }

    /// The value of a `str` key of a dict.
    pub fn get(&self, key: &str) -> Option<&Value> {
        self.as_dict()?.get(key)
    }

    /// An attribute of a class, instance or module that was sent with it, or a
    /// field of a named tuple.
    pub fn attribute(&self, name: &str) -> Option<&Value> {
        match self {
            Self::NamedTuple(tuple) => tuple.get(name),
            Self::Class(class) => class.attributes.get(name),
            Self::Instance(instance) => instance.attributes.get(name),
            Self::Module(module) => module.attributes.get(name),
            _ => None,
        }
    }

    /// Whether both are the same container in memory, as `is` tells in Python.
    /// Always false for values that are not containers.
    pub fn ptr_eq(&self, other: &Self) -> bool {
        match (self, other) {
            (Self::List(left), Self::List(right))
            | (Self::Tuple(left), Self::Tuple(right))
            | (Self::Set(left), Self::Set(right))
            | (Self::FrozenSet(left), Self::FrozenSet(right)) => Arc::ptr_eq(left, right),
            (Self::Dict(left), Self::Dict(right)) => Arc::ptr_eq(left, right),
            (Self::NamedTuple(left), Self::NamedTuple(right)) => Arc::ptr_eq(left, right),
            (Self::Class(left), Self::Class(right)) => Arc::ptr_eq(left, right),
            (Self::Instance(left), Self::Instance(right)) => Arc::ptr_eq(left, right),
            (Self::Module(left), Self::Module(right)) => Arc::ptr_eq(left, right),
            _ => false,
        }
    }

    /// `type(value).__name__` in Python.
    pub fn type_name(&self) -> &str {
        match self {
            Self::None => "NoneType",
            Self::Bool(_) => "bool",
            Self::Int(_) | Self::BigInt(_) => "int",
            Self::Float(_) => "float",
            Self::Complex(_) => "complex",
            Self::Str(_) => "str",
            Self::Bytes(_) => "bytes",
            Self::List(_) => "list",
            Self::Tuple(_) => "tuple",
            Self::Set(_) => "set",
            Self::FrozenSet(_) => "frozenset",
            Self::Dict(_) => "dict",
            Self::Ellipsis => "ellipsis",
            Self::NotImplemented => "NotImplementedType",
            Self::Decimal(_) => "Decimal",
            Self::Date(_) => "date",
            Self::DateTime(_) => "datetime",
            Self::Time(_) => "time",
            Self::TimeDelta(_) => "timedelta",
            Self::TimeZone(_) => "timezone",
            Self::Path(_) => "PosixPath",
            Self::Exception(exception) => last_part(&exception.type_name),
            Self::Type(_) | Self::Class(_) => "type",
            Self::BuiltinFunction(_) => "builtin_function_or_method",
            Self::Function(_) => "function",
            Self::NamedTuple(tuple) => last_part(tuple.type_name()),
            Self::Instance(instance) => &instance.class.name,
            Self::Module(_) => "module",
            Self::File(file) => crate::repr::file_type(&file.mode),
            Self::Cycle(text) => match &**text {
                "[...]" => "list",
                "(...)" => "tuple",
                "{...}" => "dict",
                _ => "object",
            },
            Self::Repr(_) => "object",
        }
    }
}

/// The name without its module.
fn last_part(name: &str) -> &str {
    name.rsplit_once('.').map_or(name, |(_, last)| last)
}

/// Compiles the README's example.
#[cfg(doctest)]
#[doc = include_str!("../README.md")]
struct Readme;

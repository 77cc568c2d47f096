//! Rust types that convert directly to a [`Value`].

use std::borrow::Cow;
use std::sync::Arc;

use num_bigint::BigInt;
use num_traits::ToPrimitive;

use crate::types::{Complex, Date, Datetime, Exception, File, Function, Time, Timedelta, Timezone};
use crate::{Class, Decimal, Dict, Instance, Module, NamedTuple, Value};

/// `None`.
impl From<()> for Value {
    fn from((): ()) -> Self {
        Self::None
    }
}

impl From<bool> for Value {
    fn from(value: bool) -> Self {
        Self::Bool(value)
    }
}

/// `u8` is left out on purpose: a `Vec<u8>` would become a list of ints instead
/// of [`Value::bytes`].
macro_rules! from_small_int {
    ($($int:ty),*) => {$(
        impl From<$int> for Value {
            fn from(value: $int) -> Self {
                Self::Int(i64::from(value))
            }
        }
    )*};
}
from_small_int!(i16, i32, i64, u16, u32);

macro_rules! from_large_int {
    ($($int:ty),*) => {$(
        impl From<$int> for Value {
            fn from(value: $int) -> Self {
                match i64::try_from(value) {
                    Ok(value) => Self::Int(value),
                    Err(_) => Self::BigInt(Arc::new(BigInt::from(value))),
                }
            }
        }
    )*};
}
from_large_int!(u64, i128, u128, usize, isize);

impl From<BigInt> for Value {
    fn from(value: BigInt) -> Self {
        match value.to_i64() {
            Some(value) => Self::Int(value),
            None => Self::BigInt(Arc::new(value)),
        }
    }
}

impl From<f32> for Value {
    fn from(value: f32) -> Self {
        Self::Float(f64::from(value))
    }
}

impl From<f64> for Value {
    fn from(value: f64) -> Self {
        Self::Float(value)
    }
}

impl From<char> for Value {
    fn from(value: char) -> Self {
        Self::from(&*value.encode_utf8(&mut [0; 4]))
    }
}

impl From<&str> for Value {
    fn from(text: &str) -> Self {
        Self::Str(text.into())
    }
}

macro_rules! from_text {
    ($($text:ty),*) => {$(
        impl From<$text> for Value {
            fn from(text: $text) -> Self {
                Self::Str(text.into())
            }
        }
    )*};
}
from_text!(String, Arc<str>, Box<str>, Cow<'_, str>);

/// The content, or `None`.
impl<T: Into<Value>> From<Option<T>> for Value {
    fn from(value: Option<T>) -> Self {
        value.map_or(Self::None, Into::into)
    }
}

/// A `list`.
impl<T: Into<Value>> From<Vec<T>> for Value {
    fn from(items: Vec<T>) -> Self {
        Self::list(items)
    }
}

/// A `list`.
impl<T: Into<Value>, const N: usize> From<[T; N]> for Value {
    fn from(items: [T; N]) -> Self {
        Self::list(items)
    }
}

macro_rules! from_object {
    ($($case:ident($object:ty)),* $(,)?) => {$(
        impl From<$object> for Value {
            fn from(object: $object) -> Self {
                Self::$case(object.into())
            }
        }
    )*};
}
from_object!(
    Complex(Complex),
    Dict(Dict),
    Decimal(Decimal),
    Date(Date),
    DateTime(Datetime),
    Time(Time),
    TimeDelta(Timedelta),
    TimeZone(Timezone),
    Exception(Exception),
    Function(Function),
    NamedTuple(NamedTuple),
    Class(Class),
    Class(Arc<Class>),
    Instance(Instance),
    Module(Module),
    File(File),
);

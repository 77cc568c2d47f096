//! How far a type is looked into.

use std::any::type_name;
use std::fmt;

use monty_value::{Date, DateTime, Decimal, Time, TimeDelta, TimeZone};
use serde::de;

use super::super::types::Type;

/// How often a type is deserialized, and how many parts are, all in all. What
/// was seen by then is the answer.
pub(super) const MAX_RUNS: usize = 500;
pub(super) const MAX_STEPS: usize = 10_000;

/// How deep a type is looked into.
pub(super) const MAX_DEPTH: usize = 32;

/// Why a run ends early; nobody reads it.
#[derive(Debug)]
pub(super) struct Stop;

impl fmt::Display for Stop {
    fn fmt(&self, formatter: &mut fmt::Formatter<'_>) -> fmt::Result {
        formatter.write_str("the type was looked at")
    }
}

impl std::error::Error for Stop {}

impl de::Error for Stop {
    fn custom<T: fmt::Display>(_: T) -> Self {
        Self
    }
}

/// The type of Python for a type of this library that serde sees as any value,
/// or for an option of one. It is known by its name, since what is deserialized
/// need not live long enough for a `TypeId`.
pub(super) fn python_type<T>() -> Option<Type> {
    macro_rules! types {
        ($($ty:ident),*) => {
            [$((type_name::<$ty>(), type_name::<Option<$ty>>(), Type::$ty)),*]
        };
    }
    let name = type_name::<T>();
    let types = types!(Date, DateTime, Time, TimeDelta, TimeZone, Decimal);
    types.into_iter().find_map(|(one, optional, ty)| {
        if name == one {
            Some(ty)
        } else {
            (name == optional).then(|| Type::optional(ty))
        }
    })
}

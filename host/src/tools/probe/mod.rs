//! What a Rust type takes out of Python, found by running its `Deserialize` on
//! a deserializer that notes what it is asked for.
//!
//! One run sees one way through the type: one variant of an enum, and no more
//! fields of a struct than up to the first whose value is refused. A type is
//! therefore deserialized several times, each time along a way that was not
//! seen yet, until there is nothing new. What was seen of each struct, enum and
//! container is a [`survey::Node`], known by the name of its serde visitor.

mod access;
mod description;
mod deserializer;
mod survey;

use std::any::type_name;
use std::fmt;
use std::panic::{AssertUnwindSafe, catch_unwind};

use monty_value::{Date, DateTime, Decimal, Time, TimeDelta, TimeZone};
use serde::de::{self, DeserializeOwned, Visitor};

use self::description::Description;
use self::deserializer::Probe;
use self::survey::{Seen, Survey};
use super::types::Type;

/// How often a type is deserialized, and how many parts are, all in all. What
/// was seen by then is the answer.
const MAX_RUNS: usize = 500;
const MAX_STEPS: usize = 10_000;

/// How deep a type is looked into.
const MAX_DEPTH: usize = 32;

/// What deserializes to `T`.
pub(super) fn type_of<T: DeserializeOwned>() -> Type {
    let mut survey = Survey::default();
    let mut root = Seen::Nothing;
    for _ in 0..MAX_RUNS {
        let news = survey.news;
        let mut seen = Seen::Nothing;
        survey.active.clear();
        let probe = Probe::new(&mut survey, &mut seen, 0);
        // What is half changed by a panic is not looked at by whoever panicked.
        let run = catch_unwind(AssertUnwindSafe(|| T::deserialize(probe).map(drop)));
        survey.note(&mut root, python_type::<T>().map_or(seen, Seen::Known));
        let is_over = run.is_err() || survey.news == news || survey.steps > MAX_STEPS;
        if is_over || !survey.has_more(&root) {
            break;
        }
    }
    survey.active.clear();
    Description::new(&survey).of(&root)
}

/// The type of Python for a type of this library that serde sees as any value,
/// or for an option of one. It is known by its name, since what is deserialized
/// need not live long enough for a `TypeId`.
fn python_type<T>() -> Option<Type> {
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

/// Whether `T` is an `Option`, or a newtype around one.
pub(super) fn is_option<T: DeserializeOwned>() -> bool {
    let mut found = false;
    let probe = OptionProbe {
        found: &mut found,
        depth: 0,
    };
    // What it panics or ends with says nothing.
    let _ = catch_unwind(AssertUnwindSafe(|| T::deserialize(probe).map(drop)));
    found
}

/// Why a run ends early; nobody reads it.
#[derive(Debug)]
struct Stop;

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

/// A deserializer that only wants to know whether it is asked for an option.
struct OptionProbe<'p> {
    found: &'p mut bool,
    depth: usize,
}

impl<'de> de::Deserializer<'de> for OptionProbe<'_> {
    type Error = Stop;

    fn deserialize_any<V: Visitor<'de>>(self, _visitor: V) -> Result<V::Value, Stop> {
        Err(Stop)
    }

    fn deserialize_option<V: Visitor<'de>>(self, visitor: V) -> Result<V::Value, Stop> {
        *self.found = true;
        self.deserialize_any(visitor)
    }

    fn deserialize_newtype_struct<V: Visitor<'de>>(
        self,
        _name: &'static str,
        visitor: V,
    ) -> Result<V::Value, Stop> {
        if self.depth > MAX_DEPTH {
            return Err(Stop);
        }
        visitor.visit_newtype_struct(Self {
            found: self.found,
            depth: self.depth + 1,
        })
    }

    serde::forward_to_deserialize_any! {
        bool i8 i16 i32 i64 i128 u8 u16 u32 u64 u128 f32 f64 char str string bytes byte_buf unit
        unit_struct seq tuple tuple_struct map struct enum identifier ignored_any
    }
}

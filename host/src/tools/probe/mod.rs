//! What a Rust type takes out of Python, found by running its `Deserialize` on
//! a deserializer that notes what it is asked for.
//!
//! One run sees one way through the type: one variant of an enum, and no more
//! fields of a struct than up to the first whose value is refused. A type is
//! therefore deserialized several times, each time along a way that was not
//! seen yet, until there is nothing new. What was seen of each struct, enum and
//! container is a [`survey::Node`], known by the name of its serde visitor.

mod bounds;
mod description;
mod deserializer;
mod survey;

use std::panic::{AssertUnwindSafe, catch_unwind};

use serde::de::{self, DeserializeOwned, Visitor};

use self::bounds::{MAX_DEPTH, MAX_RUNS, MAX_STEPS, Stop, python_type};
use self::description::Description;
use self::deserializer::Probe;
use self::survey::{Seen, Survey};
use super::types::Type;

impl Type {
    /// What a Rust type takes out of Python, found by asking its `Deserialize`
    /// what it reads.
    ///
    /// Structs are [records](crate::Record), `Option` is a union with `None`, enums
    /// are literals and, where variants have content, records with one field.
    /// What does not say what it reads, such as
    /// [`Value`](crate::Value), `serde_json::Value` or `#[serde(untagged)]`, is
    /// [`Any`](Self::Any).
    ///
    /// ```
    /// # use monty_host::Type;
    /// #[derive(serde::Deserialize)]
    /// #[serde(rename_all = "lowercase")]
    /// enum Unit {
    ///     Celsius,
    ///     Fahrenheit,
    /// }
    /// assert_eq!(Type::of::<Unit>(), Type::literal(["celsius", "fahrenheit"]));
    /// ```
    pub fn of<T: DeserializeOwned>() -> Self {
        type_of::<T>()
    }
}

/// What deserializes to `T`.
fn type_of<T: DeserializeOwned>() -> Type {
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

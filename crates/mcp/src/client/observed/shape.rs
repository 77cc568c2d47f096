//! The shape of a value.

use std::ops::Not;

use serde::{Deserialize, Serialize};
use serde_json::{Map, Value};

/// How deep shapes go; what lies deeper can be anything.
pub(super) const MAX_DEPTH: usize = 6;
/// The most keys of an object.
pub(super) const MAX_KEYS: usize = 40;
/// The most parts of a shape.
pub(super) const MAX_PARTS: usize = 300;
/// The longest key, in bytes.
const MAX_KEY: usize = 40;
/// More digits in a row are data and no name.
const MAX_DIGITS: usize = 3;
/// How many items of a list count.
const SEEN_ITEMS: usize = 50;
/// How many values of a result are looked at.
const SEEN_VALUES: usize = 10_000;

/// The kinds of values that were seen in one place. None at all for the items of
/// lists that were empty.
#[derive(Clone, Debug, Default, PartialEq, Deserialize, Serialize)]
#[serde(default, deny_unknown_fields)]
pub(super) struct Shape {
    /// Too deep or too large to be kept.
    #[serde(skip_serializing_if = "Not::not")]
    pub(super) any: bool,
    #[serde(skip_serializing_if = "Not::not")]
    pub(super) none: bool,
    #[serde(skip_serializing_if = "Not::not")]
    pub(super) bool: bool,
    #[serde(skip_serializing_if = "Not::not")]
    pub(super) int: bool,
    #[serde(skip_serializing_if = "Not::not")]
    pub(super) float: bool,
    #[serde(skip_serializing_if = "Not::not")]
    pub(super) str: bool,
    /// The items.
    #[serde(skip_serializing_if = "Option::is_none")]
    pub(super) list: Option<Box<Shape>>,
    /// The values of an object whose keys are data.
    #[serde(skip_serializing_if = "Option::is_none")]
    pub(super) dict: Option<Box<Shape>>,
    /// The keys of an object, in the order in which they were seen.
    #[serde(skip_serializing_if = "Option::is_none")]
    pub(super) object: Option<Vec<Field>>,
}

/// A key of an object.
#[derive(Clone, Debug, PartialEq, Deserialize, Serialize)]
#[serde(deny_unknown_fields)]
pub(super) struct Field {
    pub(super) key: String,
    /// Whether each object had it.
    pub(super) required: bool,
    pub(super) shape: Shape,
}

impl Shape {
    /// The shape of one value.
    pub(super) fn of(value: &Value) -> Self {
        let mut left = SEEN_VALUES;
        Self::at(value, 0, &mut left)
    }

    /// What is too deep or too large to be kept.
    pub(super) fn anything() -> Self {
        Self {
            any: true,
            ..Self::default()
        }
    }

    fn at(value: &Value, depth: usize, left: &mut usize) -> Self {
        let mut shape = Self::default();
        *left = left.saturating_sub(1);
        match value {
            Value::Null => shape.none = true,
            Value::Bool(_) => shape.bool = true,
            Value::Number(number) if number.is_f64() => shape.float = true,
            Value::Number(_) => shape.int = true,
            Value::String(_) => shape.str = true,
            Value::Array(_) | Value::Object(_) if depth >= MAX_DEPTH || *left == 0 => {
                shape.any = true;
            }
            Value::Array(items) => {
                shape.list = Some(Box::new(Self::of_all(items.iter(), depth, left)));
            }
            Value::Object(entries) => shape.set_object(entries, depth, left),
        }
        shape
    }

    /// The shape of the first of several values.
    fn of_all<'v>(values: impl Iterator<Item = &'v Value>, depth: usize, left: &mut usize) -> Self {
        let mut shape = Self::default();
        for value in values.take(SEEN_ITEMS) {
            if *left == 0 {
                break;
            }
            shape = shape.merge(Self::at(value, depth + 1, left));
        }
        shape
    }

    fn set_object(&mut self, entries: &Map<String, Value>, depth: usize, left: &mut usize) {
        let are_names = entries.len() <= MAX_KEYS && entries.keys().all(|key| is_name(key));
        if are_names {
            let fields = entries.iter().map(|(key, value)| Field {
                key: key.clone(),
                required: true,
                shape: Self::at(value, depth + 1, left),
            });
            self.object = Some(fields.collect());
        } else {
            self.dict = Some(Box::new(Self::of_all(entries.values(), depth, left)));
        }
    }
}

/// Whether a key is one that a programmer has chosen, and no data.
pub(super) fn is_name(key: &str) -> bool {
    let is_written = |c: char| c.is_ascii_alphanumeric() || matches!(c, '_' | '-' | '.' | '$');
    let mut digits = 0;
    let mut most_digits = 0;
    for character in key.chars() {
        digits = if character.is_ascii_digit() {
            digits + 1
        } else {
            0
        };
        most_digits = most_digits.max(digits);
    }
    let begins = key
        .chars()
        .next()
        .is_some_and(|c| c.is_ascii_alphabetic() || matches!(c, '_' | '$'));
    begins && key.len() <= MAX_KEY && most_digits <= MAX_DIGITS && key.chars().all(is_written)
}

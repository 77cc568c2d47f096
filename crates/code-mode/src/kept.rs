//! Values and prints that were cut in a result, for the scripts after it.

use std::collections::VecDeque;
use std::sync::{Mutex, MutexGuard, PoisonError};

use monty_host::Value;

/// As many are kept.
const MOST: usize = 8;

/// What they take in all, in bytes.
const MOST_BYTES: usize = 64 * 1024 * 1024;

/// What was cut in results of a conversation, each under a name that later
/// scripts find it by.
#[derive(Debug, Default)]
pub(crate) struct KeptValues(Mutex<State>);

#[derive(Debug, Default)]
struct State {
    values: VecDeque<(String, Value, usize)>,
    count: u64,
}

impl KeptValues {
    fn state(&self) -> MutexGuard<'_, State> {
        // Each change is a single step.
        self.0.lock().unwrap_or_else(PoisonError::into_inner)
    }

    pub(crate) fn get(&self, name: &str) -> Option<Value> {
        let state = self.state();
        let mut values = state.values.iter();
        values
            .find(|(known, ..)| known == name)
            .map(|(_, value, _)| value.clone())
    }

    /// The number of the next result that is cut.
    pub(crate) fn next(&self) -> u64 {
        self.state().count + 1
    }

    /// Whether a value is small enough to be kept.
    pub(crate) fn takes(value: &Value) -> bool {
        size(value, MOST_BYTES) <= MOST_BYTES
    }

    /// Keeps what was cut under the names of the [next number](Self::next). The oldest
    /// is forgotten for it, as long as all take too much.
    pub(crate) fn keep(&self, value: Option<&Value>, printed: Option<&str>) {
        let number = self.next();
        let mut state = self.state();
        let printed = printed.map(Value::from);
        let named = [
            (value_name(number), value.cloned()),
            (printed_name(number), printed),
        ];
        let mut has_kept = false;
        for (name, value) in named {
            if let Some(value) = value {
                let bytes = size(&value, MOST_BYTES);
                state.values.push_back((name, value, bytes));
                has_kept = true;
            }
        }
        state.count += u64::from(has_kept);
        let mut bytes: usize = state.values.iter().map(|(.., bytes)| bytes).sum();
        while state.values.len() > MOST || bytes > MOST_BYTES {
            let Some((.., freed)) = state.values.pop_front() else {
                break;
            };
            bytes -= freed;
        }
    }

    /// Everything that is kept, by its name.
    pub(crate) fn all(&self) -> Vec<(String, Value)> {
        let state = self.state();
        let values = state.values.iter();
        values
            .map(|(name, value, _)| (name.clone(), value.clone()))
            .collect()
    }
}

/// What the value of a result that was cut is called.
pub(crate) fn value_name(number: u64) -> String {
    format!("result_{number}")
}

/// What its prints are called.
pub(crate) fn printed_name(number: u64) -> String {
    format!("output_{number}")
}

/// About what a value takes in memory, in bytes. What goes beyond the maximum is
/// not looked at. An object that is held many times counts each time.
fn size(value: &Value, most: usize) -> usize {
    const EACH: usize = size_of::<Value>();
    let mut bytes = 0_usize;
    let mut left = vec![value];
    while let Some(value) = left.pop() {
        bytes = bytes.saturating_add(EACH).saturating_add(match value {
            Value::Str(text) | Value::Path(text) | Value::Repr(text) => text.len(),
            Value::Bytes(bytes) => bytes.len(),
            Value::BigInt(value) => usize::try_from(value.bits() / 8).unwrap_or(usize::MAX),
            _ => 0,
        });
        if bytes > most {
            break;
        }
        match value {
            Value::Dict(entries) => {
                left.extend(entries.iter().flat_map(|(key, value)| [key, value]))
            }
            Value::Instance(instance) => {
                let attributes = instance.attributes.iter();
                left.extend(attributes.flat_map(|(name, value)| [name, value]));
            }
            Value::NamedTuple(tuple) => left.extend(tuple.values()),
            value => left.extend(value.items().unwrap_or_default()),
        }
    }
    bytes
}

#[cfg(test)]
mod tests {
    use monty_host::Value;

    use super::{KeptValues, MOST_BYTES};

    #[test]
    fn the_oldest_make_room() {
        let kept = KeptValues::default();
        let half = Value::from("x".repeat(MOST_BYTES / 2 - 1000));
        for _ in 0..3 {
            kept.keep(Some(&half), None);
        }
        let names: Vec<_> = kept.all().into_iter().map(|(name, _)| name).collect();
        assert_eq!(names, ["result_2", "result_3"]);
        assert!(KeptValues::takes(&half));
        let shared = Value::list([half.clone(), half.clone(), half]);
        assert!(!KeptValues::takes(&shared));
    }
}

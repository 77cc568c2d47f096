//! Values and prints that were cut in a result, for the scripts after it.

use std::collections::VecDeque;
use std::sync::{Mutex, MutexGuard, PoisonError};

use monty_host::Value;

/// As many are kept.
const MOST: usize = 8;

/// What was cut in results of a conversation, each under a name that later
/// scripts find it by.
#[derive(Debug, Default)]
pub(crate) struct KeptValues(Mutex<State>);

#[derive(Debug, Default)]
struct State {
    values: VecDeque<(String, Value)>,
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
            .find(|(known, _)| known == name)
            .map(|(_, value)| value.clone())
    }

    /// The names of the value and the prints of the next result that is cut.
    pub(crate) fn next_names(&self) -> (String, String) {
        let number = self.state().count + 1;
        (format!("result_{number}"), format!("output_{number}"))
    }

    /// Keeps what was cut under the [next names](Self::next_names). The oldest is
    /// forgotten for it.
    pub(crate) fn keep(&self, value: Option<&Value>, printed: Option<&str>) {
        let (value_name, printed_name) = self.next_names();
        let mut state = self.state();
        let printed = printed.map(Value::from);
        let named = [(value_name, value.cloned()), (printed_name, printed)];
        let mut has_kept = false;
        for (name, value) in named {
            if let Some(value) = value {
                state.values.push_back((name, value));
                has_kept = true;
            }
        }
        state.count += u64::from(has_kept);
        while state.values.len() > MOST {
            state.values.pop_front();
        }
    }

    /// Everything that is kept, by its name.
    pub(crate) fn all(&self) -> Vec<(String, Value)> {
        self.state().values.iter().cloned().collect()
    }
}

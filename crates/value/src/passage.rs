//! Passes a [`Value`] through serde unchanged.
//!
//! Serde knows neither sets nor identity. When our serializer meets a `Value`,
//! which it recognises by name, it takes the object itself through a
//! thread-local slot. Deserialization uses the same slot.

use std::cell::RefCell;

use crate::Value;

thread_local! {
    static SLOT: RefCell<Slot> = const { RefCell::new(Slot::Closed) };
}

enum Slot {
    /// Another format is at work.
    Closed,
    /// Our serializer waits for a value.
    Wanted,
    /// A value is on its way.
    Filled(Value),
}

fn replace(slot: Slot) -> Slot {
    SLOT.with(|cell| cell.replace(slot))
}

/// Waits for a value while `serialize` runs.
pub(crate) fn receive<T>(serialize: impl FnOnce() -> T) -> T {
    replace(Slot::Wanted);
    let answer = serialize();
    replace(Slot::Closed);
    answer
}

/// Leaves a value for our serializer, if it is running.
pub(crate) fn offer(value: &Value) -> bool {
    match replace(Slot::Closed) {
        Slot::Wanted => {
            replace(Slot::Filled(value.clone()));
            true
        }
        Slot::Closed | Slot::Filled(_) => false,
    }
}

/// Leaves a value while `deserialize` runs.
pub(crate) fn send<T>(value: Value, deserialize: impl FnOnce() -> T) -> T {
    replace(Slot::Filled(value));
    let answer = deserialize();
    replace(Slot::Closed);
    answer
}

/// Takes the value that was left.
pub(crate) fn take() -> Option<Value> {
    match replace(Slot::Closed) {
        Slot::Filled(value) => Some(value),
        Slot::Wanted | Slot::Closed => None,
    }
}

//! How a [`Value`] passes through serde as it is.
//!
//! Serde knows neither sets nor identity. When our own serializer meets a
//! `Value`, which it knows by its name, it takes the object itself by way of a
//! slot of the thread; in the other direction it hands it over the same way.

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

/// What `serialize` leaves in the slot, or else what it answers.
pub(crate) fn receive<E>(serialize: impl FnOnce() -> Result<Value, E>) -> Result<Value, E> {
    replace(Slot::Wanted);
    let answer = serialize();
    match replace(Slot::Closed) {
        Slot::Filled(value) => Ok(value),
        Slot::Wanted | Slot::Closed => answer,
    }
}

/// Leaves a value for our serializer, if that is at work.
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
pub(crate) fn send<T>(value: &Value, deserialize: impl FnOnce() -> T) -> T {
    replace(Slot::Filled(value.clone()));
    let answer = deserialize();
    replace(Slot::Closed);
    answer
}

/// Takes the value that our deserializer left.
pub(crate) fn take() -> Option<Value> {
    match replace(Slot::Closed) {
        Slot::Filled(value) => Some(value),
        Slot::Wanted | Slot::Closed => None,
    }
}

//! The data of `conformance/`, and how it is played in an instance of the
//! interpreter. Whoever includes this says how to come by one: `component::instance`,
//! and which Rust types the interface `types` has: `types`.

#[path = "../../crates/value/tests/conformance/meaning.rs"]
pub mod meaning;
#[path = "../../crates/value/tests/conformance/message.rs"]
pub mod message;

pub mod bindings;
pub mod corpus;
mod messages;
mod options;
pub mod player;
pub mod script;
mod scripts;
pub mod state;

use super::component::instance;
pub use super::types;

/// Reports all that ended otherwise together.
pub fn report(cases: usize, failures: &[String]) {
    assert!(cases > 0, "there is no data");
    assert!(
        failures.is_empty(),
        "{} of {cases} cases end otherwise\n\n{}",
        failures.len(),
        failures.join("\n\n")
    );
}

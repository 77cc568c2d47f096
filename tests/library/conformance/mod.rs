//! The data of `conformance/` in the interpreter and in the host crate.

#[path = "../../../crates/value/tests/conformance/meaning.rs"]
mod meaning;
#[path = "../../../crates/value/tests/conformance/message.rs"]
mod message;

mod bindings;
mod component;
mod corpus;
mod embedder;
mod messages;
mod options;
mod player;
mod script;
mod scripts;
mod system;

/// Reports all that ended otherwise together.
fn report(cases: usize, failures: &[String]) {
    assert!(cases > 0, "there is no data");
    assert!(
        failures.is_empty(),
        "{} of {cases} cases end otherwise\n\n{}",
        failures.len(),
        failures.join("\n\n")
    );
}

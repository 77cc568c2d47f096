//! The data of `conformance/` in compositions: scripts and messages with the
//! policy in front of the tools, and the scripts about the system on `os-wasi`.

#[path = "../../../../tests/library/conformance/corpus.rs"]
mod corpus;
#[path = "../../../../crates/value/tests/conformance/meaning.rs"]
mod meaning;
#[path = "../../../../crates/value/tests/conformance/message.rs"]
mod message;
#[path = "../../../../tests/library/conformance/messages.rs"]
mod messages;
#[path = "../../../../tests/library/conformance/options.rs"]
mod options;
#[path = "../../../../tests/library/conformance/player.rs"]
mod player;
#[path = "../../../../tests/library/conformance/script.rs"]
mod script;
#[path = "../../../../tests/library/conformance/scripts.rs"]
mod scripts;

mod bindings;
mod component;
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

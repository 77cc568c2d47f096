//! The data of `conformance/` in compositions: scripts and messages with the
//! policy in front of the tools, and the scripts about the system on `os-wasi`.

#[path = "../../../../tests/conformance/corpus.rs"]
mod corpus;
#[path = "../../../../value/tests/conformance/meaning.rs"]
mod meaning;
#[path = "../../../../value/tests/conformance/message.rs"]
mod message;
#[path = "../../../../tests/conformance/messages.rs"]
mod messages;
#[path = "../../../../tests/conformance/options.rs"]
mod options;
#[path = "../../../../tests/conformance/player.rs"]
mod player;
#[path = "../../../../tests/conformance/script.rs"]
mod script;
#[path = "../../../../tests/conformance/scripts.rs"]
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

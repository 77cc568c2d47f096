//! The log, on standard error.

use std::borrow::Cow;
use std::io::Write;

use monty_value::types::Answer;

use crate::rules::{MAX_NAME_BYTES, start};

/// Writes one line. A name or text that a script chose cannot begin another,
/// nor steer a terminal: what is not printable is escaped.
pub fn line(text: &str) {
    let line = format!("monty-policy: {}\n", monty_terminal::escape_line(text));
    // A log that cannot be written must not end the script.
    let _ = std::io::stderr().write_all(line.as_bytes());
}

/// The outcome of a call.
pub fn outcome(answer: &Answer) -> String {
    match answer {
        Answer::Value(_) => "value".to_owned(),
        Answer::Raised(exception) => format!("raised {}", shown(&exception.type_name)),
        Answer::NotFound => "not found".to_owned(),
        Answer::Suspend => "suspended".to_owned(),
    }
}

/// A name chosen by the script or a tool, shortened for a log line.
pub fn shown(name: &str) -> Cow<'_, str> {
    if name.len() <= MAX_NAME_BYTES {
        Cow::Borrowed(name)
    } else {
        Cow::Owned(format!("{}…", start(name)))
    }
}

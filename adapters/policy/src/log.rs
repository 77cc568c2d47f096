//! The log, on standard error.

use std::io::Write;

use monty_value::types::Answer;

/// Writes one line. A name or text that a script chose cannot begin another:
/// control characters are escaped.
pub fn line(text: &str) {
    let mut line = String::from("monty-policy: ");
    for character in text.chars() {
        if character.is_control() {
            line.extend(character.escape_default());
        } else {
            line.push(character);
        }
    }
    line.push('\n');
    // A log that cannot be written must not end the script.
    let _ = std::io::stderr().write_all(line.as_bytes());
}

/// What became of a call.
pub fn outcome(answer: &Answer) -> String {
    match answer {
        Answer::Value(_) => "value".to_owned(),
        Answer::Raised(exception) => format!("raised {}", exception.type_name),
        Answer::NotFound => "not found".to_owned(),
        Answer::Pending => "pending".to_owned(),
        Answer::Suspend => "suspended".to_owned(),
    }
}

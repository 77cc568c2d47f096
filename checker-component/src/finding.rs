//! What this checker finds itself, beside ty.

use monty_value::types::Exception;
use ruff_text_size::TextRange;

/// A place where a run fails.
#[derive(Debug)]
pub struct Finding {
    pub rule: &'static str,
    pub range: TextRange,
    /// What the run raises.
    pub exception: Exception,
}

impl Finding {
    pub fn failure(
        rule: &'static str,
        range: TextRange,
        exception: &str,
        message: impl Into<String>,
    ) -> Self {
        Self {
            rule,
            range,
            exception: Exception {
                type_name: exception.to_owned(),
                message: Some(message.into()),
            },
        }
    }
}

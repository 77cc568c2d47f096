//! Answers to suspended calls.

use monty_value::types::{Answer, CallId, SettledCall};
use serde::Serialize;

use crate::error::Error;
use crate::tools::ToolError;

/// The answers to calls that a suspended script or session waits for.
///
/// ```
/// # use monty_host::{Answers, ToolError};
/// let answers = Answers::new()
///     .value(1, "approved")?
///     .raise(2, ToolError::permission_error("not this one"));
/// # Ok::<_, monty_host::Error>(())
/// ```
#[derive(Clone, Debug, Default)]
#[must_use = "answers do nothing before a script is resumed with them"]
pub struct Answers(Vec<SettledCall>);

impl Answers {
    /// No answers.
    pub fn new() -> Self {
        Self::default()
    }

    /// Answers a call with a value.
    ///
    /// # Errors
    ///
    /// If Python has no such value.
    pub fn value(self, call: CallId, value: impl Serialize) -> Result<Self, Error> {
        let message = monty_value::to_message(&value)?;
        Ok(self.push(call, Answer::Value(message)))
    }

    /// Answers a call with an exception.
    pub fn raise(self, call: CallId, error: ToolError) -> Self {
        self.push(call, Answer::Raised(error.into()))
    }

    /// Answers that no such function exists.
    pub fn not_found(self, call: CallId) -> Self {
        self.push(call, Answer::NotFound)
    }

    pub(crate) fn into_message(self) -> Vec<SettledCall> {
        self.0
    }

    fn push(mut self, id: CallId, answer: Answer) -> Self {
        self.0.push(SettledCall { id, answer });
        self
    }
}

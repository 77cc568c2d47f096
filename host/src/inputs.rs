//! Values with names on their way into Python: inputs, arguments and answers.

use monty_value::graph::GraphCaps;
use monty_value::types::{Answer, CallId, NamedOperand, Operand, SettledCall};
use monty_value::{Encoder, Value};
use serde::Serialize;

use crate::bindings::exports::monty::sandbox::interpreter;
use crate::error::Error;
use crate::tools::ToolError;

/// Global variables, in one message.
pub(crate) struct Inputs {
    encoder: Encoder,
    values: Vec<NamedOperand>,
}

impl Inputs {
    pub(crate) fn new() -> Self {
        Self {
            encoder: Encoder::new(GraphCaps::DEFAULT),
            values: Vec::new(),
        }
    }

    pub(crate) fn push(&mut self, name: &str, value: impl Serialize) -> Result<(), Error> {
        let named = |error| Error::request(format_args!("input '{name}': {error}"));
        let value = monty_value::to_value(&value).map_err(named)?;
        let value = self.encoder.operand(&value);
        self.values.push(NamedOperand {
            name: name.to_owned(),
            value,
        });
        Ok(())
    }

    /// The message, or nothing if there are none.
    pub(crate) fn finish(self) -> Result<Option<interpreter::Inputs>, Error> {
        if self.values.is_empty() {
            return Ok(None);
        }
        Ok(Some(interpreter::Inputs {
            values: self.values,
            graph: self.encoder.finish().map_err(Error::request)?,
        }))
    }
}

/// The arguments of a function of a session, in one message.
pub(crate) struct Arguments {
    encoder: Encoder,
    positional: Vec<Operand>,
    keyword: Vec<NamedOperand>,
}

impl Arguments {
    pub(crate) fn new() -> Self {
        Self {
            encoder: Encoder::new(GraphCaps::DEFAULT),
            positional: Vec::new(),
            keyword: Vec::new(),
        }
    }

    pub(crate) fn push(&mut self, value: impl Serialize) -> Result<(), Error> {
        let value = monty_value::to_value(&value)?;
        let value = self.encoder.operand(&value);
        self.positional.push(value);
        Ok(())
    }

    pub(crate) fn push_keyword(&mut self, name: &str, value: impl Serialize) -> Result<(), Error> {
        if self.keyword.iter().any(|argument| argument.name == name) {
            return Err(Error::request(format_args!(
                "the argument '{name}' is given twice"
            )));
        }
        let value = monty_value::to_value(&value)?;
        let value = self.encoder.operand(&value);
        let name = name.to_owned();
        self.keyword.push(NamedOperand { name, value });
        Ok(())
    }

    pub(crate) fn finish(
        self,
        name: String,
        awaits: bool,
    ) -> Result<interpreter::FunctionCall, Error> {
        Ok(interpreter::FunctionCall {
            name,
            positional: self.positional,
            keyword: self.keyword,
            graph: self.encoder.finish().map_err(Error::request)?,
            awaits,
        })
    }
}

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
    /// If the value has no form in Python.
    pub fn value(self, call: CallId, value: impl Serialize) -> Result<Self, Error> {
        let value: Value = monty_value::to_value(&value)?;
        let message = value.to_message().map_err(Error::request)?;
        Ok(self.push(call, Answer::Value(message)))
    }

    /// Answers a call with an exception.
    pub fn raise(self, call: CallId, error: ToolError) -> Self {
        self.push(call, Answer::Raised(error.into()))
    }

    /// Answers that there is no such function.
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

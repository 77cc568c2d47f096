//! Values on their way into Python: inputs and arguments.

use monty_value::Encoder;
use monty_value::graph::GraphCaps;
use monty_value::types::{NamedOperand, Operand};
use serde::Serialize;

use super::bindings::exports::monty::sandbox::interpreter as wit;
use crate::error::Error;
use crate::tools::Type;

/// Global variables to set before a script or snippet starts. An object held
/// twice, by one value or by two, is one object in the script.
pub struct Inputs {
    encoder: Encoder,
    values: Vec<NamedOperand>,
}

/// The type of a value, as far as its members need not be looked at.
fn type_of(operand: &Operand) -> Type {
    match operand {
        Operand::Null => Type::None,
        Operand::Boolean(_) => Type::Bool,
        Operand::Integer(_) => Type::Int,
        Operand::Float(_) => Type::Float,
        Operand::Text(_) => Type::Str,
        Operand::Bytes(_) => Type::Bytes,
        Operand::Node(_) => Type::Any,
    }
}

impl std::fmt::Debug for Inputs {
    fn fmt(&self, formatter: &mut std::fmt::Formatter<'_>) -> std::fmt::Result {
        let names = self.values.iter().map(|input| &input.name);
        formatter.debug_set().entries(names).finish()
    }
}

impl Default for Inputs {
    fn default() -> Self {
        Self::new()
    }
}

impl Inputs {
    /// No variables.
    pub fn new() -> Self {
        Self {
            encoder: Encoder::new(GraphCaps::DEFAULT),
            values: Vec::new(),
        }
    }

    /// Adds a variable.
    ///
    /// # Errors
    ///
    /// If Python has no such value; the message names the variable.
    pub fn set(mut self, name: &str, value: impl Serialize) -> Result<Self, Error> {
        let named = |error| Error::request(format_args!("input '{name}': {error}"));
        let value = self.encoder.serialize(&value).map_err(named)?;
        self.values.push(NamedOperand {
            name: name.to_owned(),
            value,
        });
        Ok(self)
    }

    /// The names and types of the variables, for a type check. Those of lists and other
    /// objects are not known.
    pub(crate) fn types(&self) -> impl Iterator<Item = (&str, Type)> {
        let values = self.values.iter();
        values.map(|input| (input.name.as_str(), type_of(&input.value)))
    }

    /// The message, or `None` without variables.
    pub(super) fn finish(self) -> Result<Option<wit::Inputs>, Error> {
        if self.values.is_empty() {
            return Ok(None);
        }
        Ok(Some(wit::Inputs {
            values: self.values,
            graph: self.encoder.finish().map_err(Error::request)?,
        }))
    }
}

/// The arguments for a function of a session.
pub struct Arguments {
    encoder: Encoder,
    positional: Vec<Operand>,
    keyword: Vec<NamedOperand>,
    awaits: bool,
}

impl std::fmt::Debug for Arguments {
    fn fmt(&self, formatter: &mut std::fmt::Formatter<'_>) -> std::fmt::Result {
        formatter
            .debug_struct("Arguments")
            .field("positional", &self.positional.len())
            .finish_non_exhaustive()
    }
}

impl Default for Arguments {
    fn default() -> Self {
        Self::new()
    }
}

impl Arguments {
    /// No arguments.
    pub fn new() -> Self {
        Self {
            encoder: Encoder::new(GraphCaps::DEFAULT),
            positional: Vec::new(),
            keyword: Vec::new(),
            awaits: false,
        }
    }

    /// Adds a positional argument.
    ///
    /// # Errors
    ///
    /// If Python has no such value.
    pub fn positional(mut self, value: impl Serialize) -> Result<Self, Error> {
        let value = self.operand(value)?;
        self.positional.push(value);
        Ok(self)
    }

    /// Adds a keyword argument.
    ///
    /// # Errors
    ///
    /// If Python has no such value, or the argument is given twice.
    pub fn keyword(mut self, name: &str, value: impl Serialize) -> Result<Self, Error> {
        if self.keyword.iter().any(|argument| argument.name == name) {
            return Err(Error::request(format_args!(
                "the argument '{name}' is given twice"
            )));
        }
        let value = self.operand(value)?;
        let name = name.to_owned();
        self.keyword.push(NamedOperand { name, value });
        Ok(self)
    }

    /// Awaits the return value, for an `async def`.
    #[must_use]
    pub fn awaits(mut self) -> Self {
        self.awaits = true;
        self
    }

    fn operand(&mut self, value: impl Serialize) -> Result<Operand, Error> {
        Ok(self.encoder.serialize(&value)?)
    }

    pub(super) fn finish(self, name: &str) -> Result<wit::FunctionCall, Error> {
        Ok(wit::FunctionCall {
            name: name.to_owned(),
            positional: self.positional,
            keyword: self.keyword,
            graph: self.encoder.finish().map_err(Error::request)?,
            awaits: self.awaits,
        })
    }
}

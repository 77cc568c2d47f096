//! What is wrong with a schema, or cannot be shown of it.

use std::error::Error;
use std::fmt;

use crate::text;

/// Where a schema belongs in its tool.
#[derive(Clone, Copy, Debug, PartialEq, Eq, Hash)]
#[non_exhaustive]
pub enum SchemaSide {
    /// `inputSchema`: the arguments.
    Input,
    /// `outputSchema`: the result.
    Output,
}

impl fmt::Display for SchemaSide {
    fn fmt(&self, formatter: &mut fmt::Formatter<'_>) -> fmt::Result {
        formatter.write_str(match self {
            Self::Input => "inputSchema",
            Self::Output => "outputSchema",
        })
    }
}

/// A schema that no tool can be made of.
///
/// `Display` names the tool, the place as a JSON pointer, and what to do.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct SchemaError {
    tool: String,
    side: SchemaSide,
    problem: Problem,
}

/// A place in a schema and what is wrong there.
#[derive(Clone, Debug, PartialEq, Eq)]
pub(super) struct Problem {
    pub(super) pointer: String,
    pub(super) message: String,
}

impl Problem {
    pub(super) fn new(pointer: impl Into<String>, message: impl fmt::Display) -> Self {
        Self {
            pointer: pointer.into(),
            message: message.to_string(),
        }
    }

    pub(super) fn of(self, tool: &str, side: SchemaSide) -> SchemaError {
        SchemaError {
            tool: tool.to_owned(),
            side,
            problem: self,
        }
    }
}

impl SchemaError {
    /// The tool, by its original name.
    pub fn tool(&self) -> &str {
        &self.tool
    }

    /// Which of its schemas it is.
    pub fn side(&self) -> SchemaSide {
        self.side
    }

    /// The place in that schema, as a JSON pointer: empty for the whole.
    pub fn pointer(&self) -> &str {
        &self.problem.pointer
    }
}

/// The longest excerpt of foreign text in a message.
const MAX_EXCERPT: usize = 300;

impl fmt::Display for SchemaError {
    fn fmt(&self, formatter: &mut fmt::Formatter<'_>) -> fmt::Result {
        let tool = text::line(&self.tool, MAX_EXCERPT);
        let pointer = text::line(&self.problem.pointer, MAX_EXCERPT);
        let message = text::line(&self.problem.message, 2 * MAX_EXCERPT);
        let side = self.side;
        write!(formatter, "the tool `{tool}`: {side}#{pointer}: {message}")
    }
}

impl Error for SchemaError {}

/// A part of a schema that the types of a tool do not show. Calls and results
/// are still checked against all of it.
///
/// `Display` names the place as a JSON pointer, and the reason.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct SchemaNote {
    pub(super) side: SchemaSide,
    pub(super) problem: Problem,
}

impl SchemaNote {
    /// Which schema of the tool it is about.
    pub fn side(&self) -> SchemaSide {
        self.side
    }

    /// The place in that schema, as a JSON pointer.
    pub fn pointer(&self) -> &str {
        &self.problem.pointer
    }
}

impl fmt::Display for SchemaNote {
    fn fmt(&self, formatter: &mut fmt::Formatter<'_>) -> fmt::Result {
        let pointer = text::line(&self.problem.pointer, MAX_EXCERPT);
        let message = text::line(&self.problem.message, MAX_EXCERPT);
        write!(formatter, "{}#{pointer}: {message}", self.side)
    }
}

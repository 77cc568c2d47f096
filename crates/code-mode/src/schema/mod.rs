//! Tools that JSON Schemas describe, as MCP servers have them.
//!
//! `check` refuses what is wrong or too large, `convert` makes types of the
//! rest, `parameters` the parameters of a tool, and `checker` checks values, with
//! the words of `fit` for one that does not fit.

mod check;
mod checker;
mod convert;
mod error;
mod fit;
mod merge;
mod parameters;
mod reference;
mod tool;
mod tool_schema;

#[cfg(feature = "schemars")]
pub(crate) use convert::result_type;
pub use error::{SchemaError, SchemaNote, SchemaSide};
pub use tool::{Attachment, SchemaTool, ToolResult};
pub use tool_schema::{Annotations, ToolSchema};

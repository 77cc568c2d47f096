//! Code mode: a model writes one Python script that calls an agent's tools as
//! functions, and [`monty_host`] runs it in a sandbox.
//!
//! # What the model sees
//!
//! - [`Toolbox`]: what a script may call, typed closures
//!   ([`Tool`](monty_host::Tool)) and tools that JSON Schemas describe
//!   ([`SchemaTool`]), alone or in a [`Namespace`].
//! - [`Stubs`]: the tools as Python source.
//! - [`Catalogue`]: the signatures that the description lists, within a number
//!   of tokens.
//! - [`ToolIndex`]: search, documentation, and the tool that a wrong name meant.

mod catalogue;
mod names;
mod schema;
mod search;
mod stub;
mod text;
mod tokens;
mod toolbox;

pub use catalogue::{Catalogue, NamespaceCount};
pub use schema::{
    Annotations, Attachment, SchemaError, SchemaNote, SchemaSide, SchemaTool, ToolResult,
    ToolSchema,
};
pub use search::{Found, ToolIndex};
pub use stub::{Detail, Stubs};
pub use tokens::{EstimatedTokens, TokenCounter};
pub use toolbox::{
    AgentTool, Namespace, NamespaceInfo, ToolKind, Toolbox, ToolboxBuilder, ToolboxError,
};

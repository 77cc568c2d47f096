//! Code mode: a model writes one Python script that calls an agent's tools as
//! functions, and [`monty_host`] runs it in a sandbox.
//!
//! ```
//! use monty_code_mode::{CodeMode, Toolbox};
//! use monty_host::{Monty, Tool};
//! use serde_json::json;
//!
//! # #[tokio::main(flavor = "current_thread")]
//! # async fn main() -> Result<(), Box<dyn std::error::Error>> {
//! let price = Tool::new("price", ["item"], |item: String| item.len() * 10);
//! let toolbox = Toolbox::builder().tool(price).build()?;
//! let code_mode = CodeMode::new(&Monty::new()?, toolbox).await?;
//!
//! // `code_mode.definition()` is the one tool that the model has. It calls it with:
//! let arguments = json!({ "code": "sum(price(item) for item in ['tea', 'milk'])" });
//! let outcome = code_mode.call(arguments).await;
//! assert_eq!(outcome.text(), "70");
//! # Ok(()) }
//! ```
//!
//! # What is where
//!
//! - What the model sees:
//!   - [`Toolbox`]: what a script may call, typed closures
//!     ([`Tool`](monty_host::Tool)), functions with [`#[tool]`](macro@tool) and tools that JSON Schemas describe
//!     ([`SchemaTool`]), alone or in a [`Namespace`].
//!   - [`Stubs`]: the tools as Python source.
//!   - [`Catalogue`]: the signatures that the description lists, within a number
//!     of tokens.
//!   - [`ToolIndex`]: search, documentation, and the tool that a wrong name meant.
//! - What runs:
//!   - [`CodeMode`]: the definition for the model, and its calls.
//!   - [`Conversation`]: scripts one after another, fresh or in a session, or
//!     while they are written ([`Stream`]).
//!   - [`Sessions`]: conversations that outlive their process, in a store.
//!   - [`Outcome`]: the text for the model, the value, the calls.
//! - What is allowed:
//!   - [`Policy`]: which calls are made, asked for and refused.
//!   - [`Secret`]: values that tools get and scripts never see.
//!   - [`Middleware`]: code around each call.
//!   - [`approvals`]: scripts that wait for a person, without state on the server.

// A new field or variant breaks nobody, but where that is said.
#![warn(clippy::exhaustive_enums, clippy::exhaustive_structs)]
#![cfg_attr(docsrs, feature(doc_cfg))]

pub mod approvals;
mod attachments;
#[cfg(feature = "macros")]
mod attribute;
mod call_log;
mod calls;
mod catalogue;
mod code_mode;
mod conversation;
mod engine;
mod excerpt;
mod instructions;
mod kept;
mod middleware;
mod names;
mod outcome;
mod own_tools;
mod pending;
mod policy;
mod resume_error;
mod review;
mod schema;
mod search;
mod secrets;
mod sessions;
mod statement;
mod stream;
mod stub;
mod suspended;
mod table;
mod text;
mod texts;
mod tokens;
mod toolbox;

pub use call_log::{CallEnd, CallRecord};
pub use catalogue::{Catalogue, NamespaceCount};
pub use code_mode::{CodeMode, CodeModeBuilder, Definition};
pub use conversation::Conversation;
pub use middleware::{Middleware, Next};
/// The attribute for tools.
#[cfg(feature = "macros")]
#[cfg_attr(docsrs, doc(cfg(feature = "macros")))]
pub use monty_code_mode_macros::tool;
pub use outcome::{Outcome, Status, Waiting};
pub use policy::{Policy, Rule, Verdict};
pub use resume_error::ResumeError;
pub use review::Review;
pub use schema::{
    Annotations, Attachment, SchemaError, SchemaNote, SchemaSide, SchemaTool, ToolResult,
    ToolSchema,
};
pub use search::{Found, ToolIndex};
pub use secrets::{Secret, end_without_secrets, without_secrets};
pub use sessions::{SessionError, Sessions};
pub use stream::Stream;
pub use stub::{Detail, Stubs};
pub use tokens::{EstimatedTokens, TokenCounter};
#[cfg(feature = "postgres")]
#[cfg_attr(docsrs, doc(cfg(feature = "postgres")))]
pub use tokio_postgres;
pub use toolbox::{
    AgentTool, Namespace, NamespaceInfo, ToolKind, Toolbox, ToolboxBuilder, ToolboxError,
};

#[cfg(feature = "macros")]
#[doc(hidden)]
pub mod __private {
    pub use crate::attribute::*;
}

/// Compiles the README's examples.
#[cfg(all(doctest, feature = "macros"))]
#[doc = include_str!("../README.md")]
struct Readme;

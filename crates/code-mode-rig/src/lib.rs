//! Code mode for agents built on rig: one tool for the model, whose Python
//! scripts call all others.
//!
//! ```
//! use monty_code_mode::{CodeMode, Toolbox};
//! use monty_code_mode_rig::CodeModeTool;
//! use monty_host::{Monty, Tool};
//! use serde_json::json;
//!
//! # #[tokio::main(flavor = "current_thread")]
//! # async fn main() -> Result<(), Box<dyn std::error::Error>> {
//! let price = Tool::new("price", ["item"], |item: String| item.len() * 10);
//! let toolbox = Toolbox::builder().tool(price).build()?;
//! let code_mode = CodeMode::new(&Monty::new()?, toolbox).await?;
//!
//! // For `AgentBuilder::dynamic_tool`.
//! let tool = CodeModeTool::new(&code_mode).dynamic_tool()?;
//! let output = tool.execute(json!({ "code": "price('tea') + price('milk')" })).await?;
//! assert_eq!(output.as_text(), Some("70"));
//! # Ok(()) }
//! ```
//!
//! - [`CodeModeTool`]: code mode as a tool of rig's.
//! - [`typed_tool`] and [`dynamic_tool`]: rig's tools for scripts, in a
//!   [`Toolbox`](monty_code_mode::Toolbox).
//!
//! For rig-core 0.44.

mod code_mode;
mod content;
mod tools;

pub use code_mode::CodeModeTool;
pub use rig_core;
pub use tools::{dynamic_tool, typed_tool};

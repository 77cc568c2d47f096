//! MCP servers as Python modules: each server of a configuration is a
//! [`Namespace`](monty_code_mode::Namespace) for code mode, and a script calls
//! `github.search_issues(…)`.
//!
//! ```
//! use std::collections::BTreeMap;
//!
//! use monty_code_mode::{CodeMode, Toolbox};
//! use monty_host::Monty;
//! use monty_mcp::client::{ServerConfig, Servers};
//! use serde_json::json;
//!
//! # #[tokio::main]
//! # async fn main() -> Result<(), Box<dyn std::error::Error>> {
//! # if std::process::Command::new("python3").arg("--version").output().is_err() { return Ok(()) }
//! let configs: BTreeMap<String, ServerConfig> = serde_json::from_value(json!({
//!     "tracker": { "command": "python3", "args": ["../../tests/mcp/client/server.py", "Normal"] },
//! }))?;
//! let servers = Servers::new(configs)?;
//!
//! let namespaces = servers.namespaces().await.into_iter();
//! let toolbox = namespaces.fold(Toolbox::builder(), |builder, one| builder.namespace(one)).build()?;
//! let code_mode = CodeMode::new(&Monty::new()?, toolbox).await?;
//!
//! let script = "[issue['title'] for issue in tracker.search_issues('login')['issues']]";
//! let outcome = code_mode.call(json!({ "code": script })).await;
//! assert_eq!(outcome.text(), "['login 1', 'login 2']");
//! servers.close().await;
//! # Ok(()) }
//! ```
//!
//! # Servers
//!
//! [`ServerConfig`] has the shape of an entry of the `mcpServers` that other
//! clients read. Servers start when their tools are asked for the first time, all
//! at once. One that fails to start is a module without tools, whose description
//! says why. [`Servers::status`] has the details. It is tried again when it is used
//! after 1 s, 2 s, 4 s and so on, at most 60 s.
//!
//! A server that has ended is started again by the next call. The call during
//! which it ended is not repeated, since it may have had an effect: the script gets
//! an exception that says so.
//!
//! The client speaks MCP 2026-07-28. With servers that do not know
//! `server/discover` it falls back to the handshake of 2025-11-25 and earlier
//! versions, also if they exit when they are asked. The HTTP transport of 2024
//! (`sse`) is not supported.
//!
//! A process gets `HOME`, `LOGNAME`, `PATH`, `SHELL`, `TERM` and `USER` (the official
//! SDKs' list for Windows there), and the variables of its configuration. It leads
//! a process group (on Windows a job), which ends with it. Closing or dropping the
//! servers closes a process's standard input; 1 s later it gets SIGTERM, and 2 s
//! later the group gets SIGKILL. If this program itself is killed, a server notices
//! only the end of its standard input, and one that does not read it goes on.
//!
//! # Results
//!
//! - `structuredContent` is the value, checked against the tool's `outputSchema`. A
//!   result that does not fit raises `RuntimeError`. Text beside it is dropped, since
//!   it says the same.
//! - Otherwise the text is the value: one text as a `str`, several as a list, none
//!   as `None`. A text that is a JSON object or array becomes a dict or list; any
//!   other stays a `str`, even if it looks like a number.
//! - `isError` and protocol errors raise `RuntimeError` with their text.
//! - Images, audio, embedded resources and resource links are
//!   [`Attachment`](monty_code_mode::Attachment)s: the script has a handle, and the
//!   model gets what the script shows. A link has the type `text/uri-list`.
//! - For tools without an `outputSchema`, the shapes of results are learnt and shown
//!   in later stubs: see [`Observed`].
//!
//! Elicitation is declined, and a tool that requires input raises. Sampling, roots
//! and tasks are not offered.
//!
//! # Limits
//!
//! Servers are not trusted, and each costs only its own calls.
//!
//! | what | limit |
//! |---|---|
//! | a message in either direction | `maxMessage`, 16 MiB; a longer answer fails its call |
//! | a start, with the list of tools | `startTimeout`, 60 s |
//! | a call | `callTimeout`, 60 s; the server then gets `notifications/cancelled`, as it does when the script is stopped |
//! | the list of tools | 1,000 tools, 100 pages, 8 MiB; the rest is left out, with a note in the status |
//! | a tool | a name of 128 characters; schemas as [`SchemaTool`](monty_code_mode::SchemaTool) limits them |
//! | messages that answer nothing | 2,000 at once and 1,000 a second, plus one for each kilobyte; then the client stops reading for a while |
//! | messages waiting for a server that does not read | 64 MiB |
//! | standard error | the last 8 KiB are kept, and 2,000 characters of them shown when the server ends |
//! | redirects | 5, within the origin, of kinds that keep the message |
//!
//! Names and descriptions are escaped and cut before they are shown: see
//! [`Stubs`](monty_code_mode::Stubs). Notifications that do not concern the list of
//! tools are dropped.
//!
//! TLS is rustls. If the program has not installed a default `CryptoProvider` when
//! the first server is reached over HTTP, the client installs ring's.

mod changes;
mod config;
mod connection;
mod duration;
mod ending;
mod environment;
mod error;
mod handler;
mod http;
mod http_error;
mod keys;
mod life;
mod listing;
mod observed;
mod process;
mod reference;
pub mod references;
mod resolve;
mod result;
mod secrets;
mod server;
mod servers;
mod status;
mod stdio;
mod text;
mod traffic;
mod versions;

pub use config::{
    DEFAULT_CALL_TIMEOUT, DEFAULT_MAX_MESSAGE, DEFAULT_START_TIMEOUT, ServerConfig, Transport,
};
pub use error::ConfigError;
pub use observed::Observed;
pub use servers::{Servers, ServersBuilder};
pub use status::{ServerState, ServerStatus};

//! Code mode as an MCP server: any client's model runs scripts that call the tools of
//! a [`CodeMode`].
//!
//! ```no_run
//! use monty_code_mode::{CodeMode, Toolbox};
//! use monty_host::{Monty, Tool};
//! use monty_mcp::server::Server;
//!
//! # #[tokio::main(flavor = "current_thread")]
//! # async fn main() -> Result<(), Box<dyn std::error::Error>> {
//! let price = Tool::new("price", ["item"], |item: String| item.len() * 10);
//! let toolbox = Toolbox::builder().tool(price).build()?;
//! let code_mode = CodeMode::new(&Monty::new()?, toolbox).await?;
//! Server::new(code_mode).serve_stdio().await?;
//! # Ok(()) }
//! ```
//!
//! # What a client sees
//!
//! | tool | for |
//! |---|---|
//! | `run_python` (or the [name](monty_code_mode::CodeModeBuilder::name) that you gave it) | a script |
//! | `search_tools` | finding functions without a script |
//! | `resume` | approvals, for clients that cannot ask their user; see below |
//!
//! The server speaks MCP 2026-07-28, and the versions before it that clients still use.
//! A result is text, and images where the script shows some. A script that fails has
//! `isError`, with the text that lets a model mend it.
//!
//! # Sessions
//!
//! Over stdio, and over HTTP in the versions that have sessions, the scripts of a client
//! share their names. MCP 2026-07-28 has no sessions over HTTP: each script stands alone
//! there, and the description says so.
//!
//! # Approvals
//!
//! A script that waits for approval (see [`monty_code_mode::approvals`]) asks the user of
//! the client:
//!
//! - With MCP 2026-07-28 the result of the call requires input, and its `requestState` is
//!   the encrypted token. The server keeps nothing; any replica with the keys goes on.
//! - An older client that can elicit is asked while its call waits.
//! - Any other gets a short handle, and the tool `resume`. The model calls it, so that the
//!   client's own question about that call is the approval: leave the tool out with
//!   [`ServerBuilder::resume_tool`] where clients make calls without asking.
//!
//! A call whose arguments are too long to be shown in full is denied.

mod approval;
mod connection;
mod handles;
#[cfg(feature = "http")]
mod http;
mod progress;
mod quota;
mod run;
mod sessions;
mod shared;
mod stdio;
mod tasks;

use std::fmt;
use std::sync::Arc;
use std::time::Duration;

use monty_code_mode::CodeMode;
use monty_code_mode::approvals::store::Store;
use serde_json::Value as Json;
use tokio::sync::watch;

#[cfg(feature = "http")]
pub use self::http::{Bearer, HttpError, HttpServer};
pub use self::quota::Quota;
use self::shared::{Sees, Shared};
pub use self::stdio::StdioError;

/// An MCP server.
///
/// Clones share everything.
#[derive(Clone)]
pub struct Server(Arc<Shared>);

impl fmt::Debug for Server {
    fn fmt(&self, formatter: &mut fmt::Formatter<'_>) -> fmt::Result {
        formatter.debug_struct("Server").finish_non_exhaustive()
    }
}

impl Server {
    /// A server with all defaults: see [`ServerBuilder`].
    pub fn new(code_mode: CodeMode) -> Self {
        Self::builder(code_mode).build()
    }

    /// A server to configure.
    pub fn builder(code_mode: CodeMode) -> ServerBuilder {
        Self::watching(watch::channel(Some(code_mode)).1)
    }

    /// A server whose tools change: it goes on with the latest that was sent, and tells
    /// its clients. Scripts that run go on with what they began with.
    ///
    /// As long as there is `None`, requests for tools wait: clients are greeted while
    /// other servers still start.
    pub fn watching(code_mode: watch::Receiver<Option<CodeMode>>) -> ServerBuilder {
        ServerBuilder {
            code_mode,
            name: "monty".to_owned(),
            quota: Quota::default(),
            task_after: Duration::from_secs(10),
            resume_tool: true,
            store: None,
            session_memory: 1 << 30,
        }
    }

    /// The tools as a client on standard input and output sees them, once they are there.
    /// None if they will never be.
    pub async fn definitions(&self) -> Option<Vec<ToolDefinition>> {
        let code_mode = self.0.code_mode().await.ok()?;
        let sees = Sees {
            has_session: true,
            resumes: false,
        };
        let tools = self.0.tools(&code_mode, sees).into_iter();
        let definitions = tools.map(|tool| ToolDefinition {
            name: tool.name.into_owned(),
            description: tool.description.unwrap_or_default().into_owned(),
            input_schema: Json::Object((*tool.input_schema).clone()),
        });
        Some(definitions.collect())
    }

    /// Serves one client on standard input and output, until it leaves.
    ///
    /// # Errors
    ///
    /// If the client does not begin as MCP has it.
    pub async fn serve_stdio(&self) -> Result<(), StdioError> {
        // What an embedder awaits is not as deep as the protocol.
        Box::pin(stdio::serve(&self.0)).await
    }

    /// Serves clients over streamable HTTP, once it has an address.
    #[cfg(feature = "http")]
    pub fn http(&self) -> HttpServer {
        HttpServer::new(Arc::clone(&self.0))
    }
}

/// What a client is told of a tool.
#[derive(Clone, Debug, PartialEq)]
#[non_exhaustive]
pub struct ToolDefinition {
    /// Its name.
    pub name: String,
    /// What it does.
    pub description: String,
    /// The JSON Schema of its arguments.
    pub input_schema: Json,
}

/// Settings of a [`Server`]. By default:
///
/// - it is called `monty`;
/// - a client runs 8 scripts at once, and 1,000 more wait, see [`Quota`];
/// - all sessions together keep 1 GiB of names;
/// - clients that know tasks get one for a script that takes longer than 10 s;
/// - clients that cannot ask their user have the tool `resume`, whose handles are kept in
///   memory.
#[must_use = "settings do nothing before they are built"]
pub struct ServerBuilder {
    code_mode: watch::Receiver<Option<CodeMode>>,
    name: String,
    quota: Quota,
    task_after: Duration,
    resume_tool: bool,
    store: Option<Arc<dyn Store>>,
    session_memory: u64,
}

impl fmt::Debug for ServerBuilder {
    fn fmt(&self, formatter: &mut fmt::Formatter<'_>) -> fmt::Result {
        formatter
            .debug_struct("ServerBuilder")
            .field("name", &self.name)
            .field("quota", &self.quota)
            .finish_non_exhaustive()
    }
}

impl ServerBuilder {
    /// What the server calls itself.
    pub fn name(mut self, name: impl Into<String>) -> Self {
        self.name = name.into();
        self
    }

    /// What each client may use.
    pub fn quota(mut self, quota: Quota) -> Self {
        self.quota = quota;
        self
    }

    /// What the names of all sessions may take, in bytes. The session that was idle
    /// longest is forgotten for another, and its next script is told.
    pub fn session_memory(mut self, bytes: u64) -> Self {
        self.session_memory = bytes;
        self
    }

    /// How long a request takes before it becomes a task, for clients that know them:
    /// with zero, each is one.
    pub fn task_after(mut self, duration: Duration) -> Self {
        self.task_after = duration;
        self
    }

    /// Whether clients that cannot ask their user have the tool `resume`. Without it,
    /// what needs approval is refused for them.
    pub fn resume_tool(mut self, resume_tool: bool) -> Self {
        self.resume_tool = resume_tool;
        self
    }

    /// Keeps the handles of `resume` in a store, so that another replica finds them.
    pub fn store(mut self, store: Arc<dyn Store>) -> Self {
        self.store = Some(store);
        self
    }

    /// The server with these settings.
    pub fn build(self) -> Server {
        Server(Arc::new(Shared::new(self)))
    }
}

//! How servers are.

use std::time::Duration;

/// How a server is.
#[derive(Clone, Debug, PartialEq, Eq)]
#[non_exhaustive]
pub struct ServerStatus {
    /// Its name in the configuration.
    pub name: String,
    /// Whether it runs.
    pub state: ServerState,
    /// Why it does not run or has no tools, for whoever looks after it. Secrets
    /// are left out; what the server wrote is in it.
    pub problem: Option<String>,
    /// What is wrong in its list of tools: those that are left out, and why.
    pub notes: Vec<String>,
    /// How many tools it has.
    pub tools: usize,
    /// The version of MCP that is spoken with it, such as `2026-07-28`.
    pub protocol: Option<String>,
    /// The number of its process, while that runs.
    pub process_id: Option<u32>,
}

/// Whether a server runs.
#[derive(Clone, Copy, Debug, PartialEq, Eq, Hash)]
#[non_exhaustive]
pub enum ServerState {
    /// It is left out by its configuration.
    Disabled,
    /// Nobody has asked for it yet.
    NotStarted,
    /// It is being started.
    Starting,
    /// It runs, or is reached over HTTP.
    Running,
    /// It did not start, or has ended. It is tried again when it is used.
    Failed {
        /// How long until it is tried again at the earliest.
        retry_in: Duration,
    },
    /// It was closed with the others.
    Closed,
}

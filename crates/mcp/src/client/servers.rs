//! [`Servers`]: MCP servers as Python modules.

use std::collections::BTreeMap;
use std::fmt;
use std::path::PathBuf;
use std::sync::Arc;

use monty_code_mode::Namespace;
use tokio::sync::watch;
use tokio::task::JoinSet;

use super::config::ServerConfig;
use super::error::ConfigError;
use super::observed::Observed;
use super::reference::Variables;
use super::resolve;
use super::server::{Server, Setting};
use super::status::ServerStatus;

/// The longest name of a server, in characters.
const MAX_NAME: usize = 128;

/// MCP servers, each of which is a module for scripts.
///
/// A server is started when its tools are asked for the first time, and started
/// again by the next call when it has ended. Clones share the servers. When the
/// last one and all tools of theirs are dropped, the servers' processes end.
///
/// Must be used in a tokio runtime with its timer and I/O.
#[derive(Clone)]
pub struct Servers(Arc<Inner>);

struct Inner {
    servers: Vec<Arc<Server>>,
    changes: Arc<watch::Sender<u64>>,
    /// What is known of servers that are not among these.
    observed: Observed,
}

impl fmt::Debug for Servers {
    fn fmt(&self, formatter: &mut fmt::Formatter<'_>) -> fmt::Result {
        let names: Vec<_> = self.0.servers.iter().map(|server| server.name()).collect();
        formatter.debug_tuple("Servers").field(&names).finish()
    }
}

/// Collects what [`Servers`] are made of.
#[must_use]
pub struct ServersBuilder {
    configs: BTreeMap<String, ServerConfig>,
    observed: Observed,
    variables: Variables,
    are_awaited: bool,
}

impl fmt::Debug for ServersBuilder {
    fn fmt(&self, formatter: &mut fmt::Formatter<'_>) -> fmt::Result {
        formatter
            .debug_struct("ServersBuilder")
            .field("configs", &self.configs)
            .finish_non_exhaustive()
    }
}

impl Servers {
    /// Servers by their names. Nothing is started yet.
    ///
    /// # Errors
    ///
    /// If a configuration cannot be right: a name that is empty, an address that
    /// is none, a reference that does not end. What a reference names is read
    /// when the server starts.
    pub fn new(configs: BTreeMap<String, ServerConfig>) -> Result<Self, ConfigError> {
        Self::builder(configs).build()
    }

    /// Servers with more than their configurations.
    pub fn builder(configs: BTreeMap<String, ServerConfig>) -> ServersBuilder {
        ServersBuilder {
            configs,
            observed: Observed::default(),
            variables: Variables {
                of: Box::new(|name| std::env::var(name).ok()),
                directory: PathBuf::new(),
                are_secrets: false,
            },
            are_awaited: false,
        }
    }

    /// The modules, in the order of their names, without those that are
    /// disabled.
    ///
    /// Servers that were never started are started, all at once, and those whose
    /// list of tools has expired are asked again. One that fails has a module
    /// without tools, whose description says so; [`status`](Self::status) has the
    /// reason, and it is tried again here or by a later call, after a while.
    pub async fn namespaces(&self) -> Vec<Namespace> {
        let mut tasks = JoinSet::new();
        for server in self.enabled() {
            tasks.spawn(Arc::clone(server).prepare());
        }
        while tasks.join_next().await.is_some() {}
        self.enabled().map(|server| server.namespace()).collect()
    }

    /// How the servers are, in the order of their names.
    pub fn status(&self) -> Vec<ServerStatus> {
        self.0
            .servers
            .iter()
            .map(|server| server.status())
            .collect()
    }

    /// A number that grows when [`namespaces`](Self::namespaces) would give other
    /// tools than before: a server listed others, or failed to start.
    ///
    /// It does not grow when results of another [shape](Observed) are seen: what a
    /// model is told of its tools should not change in the middle of a
    /// conversation for that.
    pub fn changes(&self) -> watch::Receiver<u64> {
        self.0.changes.subscribe()
    }

    /// What results were seen to look like, to be kept.
    pub fn observed(&self) -> Observed {
        let mut observed = self.0.observed.clone();
        for server in &self.0.servers {
            observed.insert(server.name(), server.observed());
        }
        observed
    }

    /// Ends all servers, and waits until their processes are gone. Later calls of
    /// their tools fail.
    pub async fn close(&self) {
        let mut tasks = JoinSet::new();
        for server in &self.0.servers {
            tasks.spawn(Arc::clone(server).close());
        }
        while tasks.join_next().await.is_some() {}
    }

    fn enabled(&self) -> impl Iterator<Item = &Arc<Server>> {
        self.0.servers.iter().filter(|server| !server.is_disabled())
    }
}

impl ServersBuilder {
    /// Begins with what was seen in an earlier run of the program.
    pub fn observed(mut self, observed: Observed) -> Self {
        self.observed = observed;
        self
    }

    /// Has the values of `${NAME}` from elsewhere than this program's
    /// environment, such as a vault. Called each time a server starts.
    pub fn variables(
        mut self,
        variables: impl Fn(&str) -> Option<String> + Send + Sync + 'static,
    ) -> Self {
        self.variables.of = Box::new(variables);
        self
    }

    /// Where relative paths in `${file:PATH}` and `cwd` start, instead of this program's
    /// directory: that of the configuration's file, as a rule.
    pub fn directory(mut self, directory: impl Into<PathBuf>) -> Self {
        self.variables.directory = directory.into();
        self
    }

    /// Has scripts await the tools, which are `async def` then, so that a script
    /// can make several calls at once.
    pub fn awaited(mut self) -> Self {
        self.are_awaited = true;
        self
    }

    /// The servers.
    ///
    /// # Errors
    ///
    /// As [`Servers::new`].
    pub fn build(self) -> Result<Servers, ConfigError> {
        let changes = Arc::new(watch::Sender::new(0));
        let variables = Arc::new(self.variables);
        let mut servers = Vec::new();
        for (name, config) in self.configs {
            if name.trim().is_empty() || name.chars().count() > MAX_NAME {
                let problem = format!("its name is empty or has more than {MAX_NAME} characters");
                return Err(ConfigError::new(&name, problem));
            }
            resolve::check(&config).map_err(|problem| ConfigError::new(&name, problem))?;
            let observed = self.observed.of(&name);
            servers.push(Server::new(
                name,
                config,
                Setting {
                    variables: Arc::clone(&variables),
                    are_awaited: self.are_awaited,
                    changes: Arc::clone(&changes),
                },
                observed,
            ));
        }
        Ok(Servers(Arc::new(Inner {
            servers,
            changes,
            observed: self.observed,
        })))
    }
}

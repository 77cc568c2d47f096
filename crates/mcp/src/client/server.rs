//! One server: started when it is used, and started again when it has ended.

use std::sync::{Arc, Mutex, MutexGuard, PoisonError, Weak};
use std::time::Duration;

use monty_code_mode::{
    AgentTool, Namespace, SchemaError, SchemaSide, SchemaTool, ToolResult, ToolSchema,
};
use monty_host::ToolError;
use serde_json::{Map, Value};
use tokio::sync::watch;
use tokio::time::Instant;

use super::config::{ServerConfig, Transport};
use super::connection::{CallError, Connection};
use super::ending::{Ending, WROTE};
use super::life::Life;
use super::listing::Listing;
use super::observed::ObservedTools;
use super::reference::Variables;
use super::status::{ServerState, ServerStatus};
use super::text;

/// How long the last list is good for if it could not be asked for again.
const RELIST_WAIT: Duration = Duration::from_secs(60);
/// Between two lists of a server that says that they change.
const BETWEEN_LISTS: Duration = Duration::from_secs(1);
/// Why a server that was closed is not started.
const CLOSED: &str = "it was closed";
/// The longest problem in the description of a namespace, in characters.
const MAX_SHOWN_PROBLEM: usize = 160;

/// A server.
pub(super) struct Server {
    name: String,
    config: ServerConfig,
    setting: Setting,
    /// Held while it is started.
    life: tokio::sync::Mutex<Life>,
    /// What is known of it, for those who do not wait.
    known: Mutex<Known>,
    observed: Mutex<ObservedTools>,
    closed: watch::Sender<bool>,
}

/// What servers share.
pub(super) struct Setting {
    pub(super) variables: Arc<Variables>,
    /// Whether scripts await the tools.
    pub(super) are_awaited: bool,
    pub(super) changes: Arc<watch::Sender<u64>>,
}

struct Known {
    state: Seen,
    problem: Option<String>,
    notes: Vec<String>,
    tools: Arc<[Listed]>,
    expires: Option<Instant>,
    protocol: Option<String>,
    connection: Weak<Connection>,
}

#[derive(Clone, Copy, PartialEq)]
enum Seen {
    NotStarted,
    Starting,
    Running,
    Failed(Instant),
}

/// A tool of a server.
struct Listed {
    schema: ToolSchema,
    /// Made once: a schema is long to check. Its calls do nothing, since it would
    /// keep the server that keeps it.
    tool: SchemaTool,
}

impl Server {
    pub(super) fn new(
        name: String,
        config: ServerConfig,
        setting: Setting,
        observed: ObservedTools,
    ) -> Arc<Self> {
        Arc::new(Self {
            name,
            config,
            setting,
            life: tokio::sync::Mutex::default(),
            known: Mutex::new(Known {
                state: Seen::NotStarted,
                problem: None,
                notes: Vec::new(),
                tools: Arc::from([]),
                expires: None,
                protocol: None,
                connection: Weak::new(),
            }),
            observed: Mutex::new(observed),
            closed: watch::Sender::new(false),
        })
    }

    pub(super) fn name(&self) -> &str {
        &self.name
    }

    pub(super) fn is_disabled(&self) -> bool {
        self.config.disabled
    }

    fn known(&self) -> MutexGuard<'_, Known> {
        // Each change is complete before anything else can fail.
        self.known.lock().unwrap_or_else(PoisonError::into_inner)
    }

    fn observed_tools(&self) -> MutexGuard<'_, ObservedTools> {
        self.observed.lock().unwrap_or_else(PoisonError::into_inner)
    }

    /// What its results were seen to look like.
    pub(super) fn observed(&self) -> ObservedTools {
        self.observed_tools().clone()
    }

    /// A connection: the one that there is, or a new one. The start goes on if
    /// this is dropped.
    async fn connection(self: &Arc<Self>) -> Result<Arc<Connection>, String> {
        let running = self.known().connection.upgrade();
        if let Some(connection) = running.filter(|connection| connection.is_open()) {
            return Ok(connection);
        }
        // A runtime that ends is the only reason for it to fail.
        let server = Arc::clone(self);
        let started = tokio::spawn(async move { server.connect().await }).await;
        started.unwrap_or_else(|_| Err("it was not started: the program ends".to_owned()))
    }

    async fn connect(self: Arc<Self>) -> Result<Arc<Connection>, String> {
        let mut closed = self.closed.subscribe();
        let mut life = self.life.lock().await;
        if *closed.borrow() {
            return Err(CLOSED.to_owned());
        }
        if let Some(connection) = &life.connection {
            if connection.is_open() {
                return Ok(Arc::clone(connection));
            }
            let lasted = connection.since.elapsed();
            life.connection = None;
            life.fail(lasted);
            self.failed(life.retry_at, None);
        }
        if let Some(retry_at) = life.retry_at
            && let Some(wait) = retry_at.checked_duration_since(Instant::now())
            && !wait.is_zero()
        {
            let problem = self.known().problem.clone();
            let problem = problem.unwrap_or_else(|| "it has ended".to_owned());
            return Err(format!(
                "it is tried again in {} s: {problem}",
                wait.as_secs() + 1
            ));
        }
        self.known().state = Seen::Starting;
        let listed = tokio::select! {
            listed = self.start() => listed,
            _ = closed.wait_for(|is_closed| *is_closed) => return Err(CLOSED.to_owned()),
        };
        match listed {
            Ok((connection, listing)) => {
                let connection = Arc::new(connection);
                life.connection = Some(Arc::clone(&connection));
                life.retry_at = None;
                self.running(&connection);
                self.take(listing).await;
                tokio::spawn(follow(Arc::downgrade(&self), Arc::downgrade(&connection)));
                Ok(connection)
            }
            Err(problem) => {
                life.fail(Duration::ZERO);
                self.failed(life.retry_at, Some(problem.clone()));
                Err(problem)
            }
        }
    }

    /// Starts it, and lists its tools.
    async fn start(&self) -> Result<(Connection, Listing), String> {
        let until = Instant::now() + self.config.start_timeout;
        let connection = Connection::start(&self.config, &self.setting.variables).await?;
        let listing = connection.list(until).await?;
        Ok((connection, listing))
    }

    fn running(&self, connection: &Arc<Connection>) {
        let mut known = self.known();
        known.state = Seen::Running;
        known.problem = None;
        known.protocol = Some(connection.protocol.clone());
        known.connection = Arc::downgrade(connection);
    }

    fn failed(&self, retry_at: Option<Instant>, problem: Option<String>) {
        let mut known = self.known();
        known.state = Seen::Failed(retry_at.unwrap_or_else(Instant::now));
        let is_news = problem.is_some() && known.problem != problem;
        if problem.is_some() {
            known.problem = problem;
        }
        drop(known);
        if is_news {
            self.tell();
        }
    }

    fn tell(&self) {
        self.setting.changes.send_modify(|count| *count += 1);
    }

    /// Puts a list of tools in the place of the last one. Its schemas are checked
    /// on a thread of their own, since that may take long.
    async fn take(self: &Arc<Self>, listing: Listing) {
        let server = Arc::clone(self);
        // It fails only with the runtime.
        let _ = tokio::task::spawn_blocking(move || server.check(listing)).await;
    }

    fn check(&self, mut listing: Listing) {
        let before = Arc::clone(&self.known().tools);
        let mut tools = Vec::new();
        for schema in std::mem::take(&mut listing.tools) {
            // What is the same was checked.
            if let Some(same) = before.iter().find(|listed| listed.schema == schema) {
                tools.push(Listed {
                    schema,
                    tool: same.tool.clone(),
                });
                continue;
            }
            let mut made = unconnected(schema.clone());
            if let Err(error) = &made
                && error.side() == SchemaSide::Output
            {
                listing.note(|| format!("{error}: its results are not checked"));
                let mut without = schema.clone();
                without.output_schema = None;
                made = unconnected(without);
            }
            match made {
                Ok(tool) => tools.push(Listed { schema, tool }),
                Err(error) => listing.note(|| format!("{error}: the tool is left out")),
            }
        }
        let is_same = tools.len() == before.len()
            && tools
                .iter()
                .zip(&*before)
                .all(|(new, old)| new.schema == old.schema);
        let mut known = self.known();
        known.tools = tools.into();
        known.notes = listing.problems;
        known.expires = listing.expires;
        drop(known);
        if !is_same {
            self.tell();
        }
    }

    /// A tool that calls this server.
    fn agent_tool(self: &Arc<Self>, listed: &Listed, observed: &ObservedTools) -> AgentTool {
        let server = Arc::clone(self);
        let name: Arc<str> = listed.schema.name.as_str().into();
        let has_schema = listed.tool.schema().output_schema.is_some();
        let tool = listed.tool.clone().handler(move |arguments| {
            let (server, name) = (Arc::clone(&server), Arc::clone(&name));
            async move { server.call(&name, arguments, has_schema).await }
        });
        let tool = AgentTool::from(match self.setting.are_awaited {
            true => tool.awaited(),
            false => tool,
        });
        match observed.result(&listed.schema.name) {
            Some(shape) if !has_schema => tool.observed_result(shape),
            _ => tool,
        }
    }

    /// Makes a call.
    async fn call(
        self: Arc<Self>,
        tool: &str,
        arguments: Map<String, Value>,
        has_schema: bool,
    ) -> Result<ToolResult, ToolError> {
        let server = text::line(&self.name, 80);
        let shown = text::line(tool, 80);
        let does_not_run = |problem: String| {
            ToolError::runtime_error(format_args!(
                "`{shown}` was not called, since the MCP server `{server}` does not run: {problem}"
            ))
        };
        let connection = self.connection().await.map_err(does_not_run)?;
        let limit = self.config.call_timeout;
        let call = connection.call(tool.to_owned(), arguments, has_schema);
        let Ok(answer) = tokio::time::timeout(limit, call).await else {
            return Err(ToolError::new(
                "TimeoutError",
                format_args!(
                    "`{shown}` took longer than {limit:?}, the limit of the MCP server `{server}` (`callTimeout`). \
                     The server was told to stop; it may have had an effect"
                ),
            ));
        };
        match answer {
            Ok(result) => {
                if !has_schema && !result.value.is_null() {
                    self.observed_tools().see(tool, &result.value);
                }
                Ok(result)
            }
            Err(CallError::Refused(message)) => Err(ToolError::runtime_error(message)),
            Err(CallError::Unreached(problem)) => Err(does_not_run(problem)),
            Err(CallError::NotSent(problem)) => Err(ToolError::value_error(format_args!(
                "`{shown}` was not called on the MCP server `{server}`: {problem}"
            ))),
            Err(CallError::Lost(problem)) => Err(ToolError::runtime_error(format_args!(
                "`{shown}` got no answer from the MCP server `{server}`: {problem}. \
                 It is not repeated, since it may have had an effect"
            ))),
            Err(CallError::Ended(Ending { status, wrote })) => {
                let mut known = self.known();
                known.problem = Some(format!(
                    "it ended{status} during a call of `{shown}`{wrote}"
                ));
                drop(known);
                let (what, hint) = match self.config.transport {
                    Transport::Http { .. } => (
                        "the connection to ",
                        ", and an answer longer than `maxMessage` ends the connection",
                    ),
                    Transport::Stdio { .. } => ("", "; the next call starts the server again"),
                };
                Err(ToolError::runtime_error(format_args!(
                    "{what}the MCP server `{server}` ended{status} while it ran `{shown}`. The call is not repeated, \
                     since it may have had an effect{hint}{wrote}"
                )))
            }
        }
    }

    /// Sees to it that its tools are known, if it can be started.
    pub(super) async fn prepare(self: Arc<Self>) {
        let (state, expires) = {
            let known = self.known();
            (known.state, known.expires)
        };
        let now = Instant::now();
        match state {
            Seen::Failed(retry_at) if retry_at > now => {}
            // What has ended is started again by the next call.
            Seen::Failed(_) if !self.known().tools.is_empty() => {}
            Seen::NotStarted | Seen::Starting | Seen::Failed(_) => {
                // The problem is kept.
                let _ = self.connection().await;
            }
            Seen::Running if expires.is_some_and(|expires| expires <= now) => {
                self.list_again().await
            }
            Seen::Running => {}
        }
    }

    /// Lists the tools again, of a server that runs.
    async fn list_again(self: &Arc<Self>) {
        let connection = self.known().connection.upgrade();
        let Some(connection) = connection.filter(|connection| connection.is_open()) else {
            return;
        };
        match connection
            .list(Instant::now() + self.config.call_timeout)
            .await
        {
            Ok(listing) => self.take(listing).await,
            // The last list is better than none.
            Err(problem) => {
                let mut known = self.known();
                known.problem = Some(format!("its tools could not be listed again: {problem}"));
                known.expires = Some(Instant::now() + RELIST_WAIT);
            }
        }
    }

    /// The module that scripts see.
    pub(super) fn namespace(self: &Arc<Self>) -> Namespace {
        let mut namespace = Namespace::new(&self.name);
        let known = self.known();
        let problem = known.problem.as_deref().filter(|_| known.tools.is_empty());
        let own = self.config.description.as_deref();
        if let Some(problem) = problem {
            // What a server wrote is for whoever looks after it.
            let first = problem.split(WROTE).next().unwrap_or_default();
            let first = text::line(first, MAX_SHOWN_PROBLEM);
            namespace = namespace.description(format!("Not available: {first}"));
        } else if let Some(description) = own {
            namespace = namespace.description(description);
        }
        let tools = Arc::clone(&known.tools);
        drop(known);
        let observed = self.observed_tools();
        let tools = tools
            .iter()
            .map(|listed| self.agent_tool(listed, &observed));
        namespace.tools(tools)
    }

    pub(super) fn status(&self) -> ServerStatus {
        let known = self.known();
        let connection = known.connection.upgrade();
        let runs = connection
            .as_ref()
            .is_some_and(|connection| connection.is_open());
        let state = match known.state {
            _ if self.config.disabled => ServerState::Disabled,
            _ if *self.closed.borrow() => ServerState::Closed,
            Seen::NotStarted => ServerState::NotStarted,
            Seen::Starting => ServerState::Starting,
            Seen::Running if runs => ServerState::Running,
            Seen::Running => ServerState::Failed {
                retry_in: Duration::ZERO,
            },
            Seen::Failed(at) => ServerState::Failed {
                retry_in: at.saturating_duration_since(Instant::now()),
            },
        };
        let ended = (known.state == Seen::Running && !runs).then(|| "it has ended".to_owned());
        ServerStatus {
            name: self.name.clone(),
            state,
            problem: known.problem.clone().or(ended),
            notes: known.notes.clone(),
            tools: known.tools.len(),
            protocol: known.protocol.clone(),
            process_id: connection.and_then(|connection| connection.process_id()),
        }
    }

    /// Ends it for good.
    pub(super) async fn close(self: Arc<Self>) {
        self.closed.send_replace(true);
        let connection = self.life.lock().await.connection.take();
        if let Some(connection) = connection {
            connection.close().await;
        }
    }
}

/// A tool that is not called.
fn unconnected(schema: ToolSchema) -> Result<SchemaTool, SchemaError> {
    SchemaTool::new(schema, async |_| {
        Err(ToolError::runtime_error("it has no server"))
    })
}

/// Lists the tools of a server again whenever it says that they have changed.
async fn follow(server: Weak<Server>, connection: Weak<Connection>) {
    let Some(mut changes) = connection.upgrade().map(|connection| connection.changes()) else {
        return;
    };
    while changes.next().await.is_some() {
        // Several changes in a row are one.
        tokio::time::sleep(BETWEEN_LISTS / 10).await;
        let Some(server) = server.upgrade() else {
            return;
        };
        server.list_again().await;
        drop(server);
        tokio::time::sleep(BETWEEN_LISTS).await;
    }
}

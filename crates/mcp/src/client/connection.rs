//! A connection to a server that runs: its start, its calls, and its end.

use std::borrow::Cow;
use std::io;
use std::sync::{Arc, PoisonError};
use std::time::Duration;

use monty_code_mode::ToolResult;
use rmcp::model::{
    CallToolRequestParams, CallToolResponse, InputRequest, InputRequiredResult, ProtocolVersion,
};
use rmcp::service::{ClientCacheConfig, ClientServiceExt, RunningService};
use rmcp::{Peer, RoleClient, ServiceError};
use serde_json::{Map, Value};
use tokio::sync::Notify;
use tokio::sync::watch;
use tokio::time::Instant;

use super::changes::Changes;
use super::config::ServerConfig;
use super::ending::Ending;
use super::handler::Handler;
use super::http;
use super::http_error;
use super::listing::{self, Listing};
use super::process::{Command, Process};
use super::reference::Variables;
use super::resolve::{Target, resolve};
use super::result;
use super::secrets::Secrets;
use super::stdio::{Notes, StdioTransport};
use super::text;
use super::traffic::Guarded;
use super::versions::{Mode, next_mode, start_error};

/// The longest text of an error that a server gives, in characters.
const MAX_ERROR: usize = 2_000;

/// A connection to a server. Dropping it ends the server's process.
pub(super) struct Connection {
    peer: Peer<RoleClient>,
    service: tokio::sync::Mutex<Option<RunningService<RoleClient, Handler>>>,
    process: Option<Arc<Process>>,
    max_message: usize,
    pub(super) secrets: Arc<Secrets>,
    pub(super) protocol: String,
    list_changed: Arc<Notify>,
    /// Tells of its end to those who wait for changes.
    alive: watch::Sender<()>,
    pub(super) since: Instant,
}

/// Why a call has no result.
pub(super) enum CallError {
    /// The tool, or the server for it, says that it failed.
    Refused(String),
    /// The arguments were not sent.
    NotSent(String),
    /// There was no connection to send them over.
    Unreached(String),
    /// The connection ended while the call was made.
    Ended(Ending),
    /// The message did not arrive, or the answer did not.
    Lost(String),
}

/// One try to start.
struct Attempt {
    problem: String,
    /// What to try next.
    next: Option<Mode>,
}

impl From<String> for Attempt {
    fn from(problem: String) -> Self {
        Self {
            problem,
            next: None,
        }
    }
}

impl Connection {
    /// Starts or reaches a server, within its time limit.
    pub(super) async fn start(
        config: &ServerConfig,
        variables: &Variables,
    ) -> Result<Self, String> {
        let until = Instant::now() + config.start_timeout;
        let first = Self::attempt(config, variables, Mode::Auto, until).await;
        let failed = match first {
            Ok(connection) => return Ok(connection),
            Err(failed) => failed,
        };
        match failed.next {
            Some(mode) => {
                let second = Self::attempt(config, variables, mode, until).await;
                second.map_err(|second| second.problem)
            }
            None => Err(failed.problem),
        }
    }

    async fn attempt(
        config: &ServerConfig,
        variables: &Variables,
        mode: Mode,
        until: Instant,
    ) -> Result<Self, Attempt> {
        let resolved = resolve(config, variables)?;
        let secrets = Arc::new(resolved.secrets);
        let list_changed = Arc::new(Notify::new());
        let handler = Handler {
            list_changed: Arc::clone(&list_changed),
        };
        let notes = Arc::new(Notes::default());
        let (process, served) = match resolved.target {
            Target::Process {
                command,
                args,
                env,
                cwd,
            } => {
                let shown = text::line(&command, 200);
                if let Some(cwd) = cwd.as_deref().filter(|cwd| !cwd.is_dir()) {
                    let cwd = text::line(&cwd.to_string_lossy(), 200);
                    let problem = format!("`cwd` is `{cwd}`, which is no directory");
                    return Err(Attempt::from(secrets.hide(problem)));
                }
                let command = Command {
                    program: command,
                    args,
                    env,
                    cwd,
                };
                let (process, pipes) = Process::start(command)
                    .map_err(|error| format!("`{shown}` cannot be started: {error}"))?;
                let process = Arc::new(process);
                let transport = StdioTransport::new(
                    Arc::clone(&process),
                    pipes,
                    config.max_message,
                    Arc::clone(&secrets),
                    Arc::clone(&notes),
                );
                let serve = handler.serve_with_lifecycle(transport, mode.lifecycle());
                (Some(process), tokio::time::timeout_at(until, serve).await)
            }
            Target::Address { url, headers } => {
                let transport = http::transport(&url, headers, config.max_message)?;
                let transport =
                    Guarded::new(transport, Arc::clone(&secrets), Arc::clone(&notes.seen));
                let serve = handler.serve_with_lifecycle(transport, mode.lifecycle());
                (None, tokio::time::timeout_at(until, serve).await)
            }
        };
        let service = match served {
            Ok(Ok(service)) => service,
            failed => {
                let error = failed.ok().and_then(Result::err);
                let next = next_mode(mode, error.as_ref(), &notes.seen);
                let mut problem = match &error {
                    None => format!(
                        "it did not start within {:?} (`startTimeout`)",
                        config.start_timeout
                    ),
                    Some(error) => start_error(error, process.is_some()),
                };
                if let Some(process) = &process {
                    process.end();
                    let Ending { status, wrote } = Ending::of(process, &secrets).await;
                    if error.is_some() {
                        problem.push_str(&status);
                    }
                    problem.push_str(&wrote);
                }
                let noise = notes
                    .noise
                    .lock()
                    .unwrap_or_else(PoisonError::into_inner)
                    .take();
                if let Some(noise) = noise {
                    problem.push_str(&format!(
                        ". It wrote to its standard output what is no message of MCP: `{noise}`"
                    ));
                }
                return Err(Attempt {
                    problem: secrets.hide(problem),
                    next,
                });
            }
        };
        let info = service.peer_info();
        let version = info.map(|info| info.protocol_version.clone());
        let Some(version) = version.filter(|one| ProtocolVersion::KNOWN_VERSIONS.contains(one))
        else {
            return Err(Attempt::from(
                "it speaks a version of MCP that is not known here: update one of the two"
                    .to_owned(),
            ));
        };
        service
            .set_response_cache_config(ClientCacheConfig::disabled())
            .await;
        Ok(Self {
            peer: service.peer().clone(),
            service: tokio::sync::Mutex::new(Some(service)),
            process,
            max_message: config.max_message,
            secrets,
            protocol: version.to_string(),
            list_changed,
            alive: watch::Sender::new(()),
            since: Instant::now(),
        })
    }

    /// Whether calls can be made.
    pub(super) fn is_open(&self) -> bool {
        let runs = self
            .process
            .as_ref()
            .is_none_or(|process| process.ended().is_none());
        runs && !self.peer.is_transport_closed()
    }

    /// The number of the process.
    pub(super) fn process_id(&self) -> Option<u32> {
        self.process.as_ref()?.id()
    }

    /// Lists the tools.
    pub(super) async fn list(&self, until: Instant) -> Result<Listing, String> {
        if self
            .peer
            .peer_info()
            .is_some_and(|info| info.capabilities.tools.is_none())
        {
            let mut listing = Listing::default();
            listing.note(|| "the server says that it has no tools".to_owned());
            return Ok(listing);
        }
        let listed = listing::list(&self.peer, &self.secrets, until).await;
        match listed {
            Ok(listing) => Ok(listing),
            Err(problem) => {
                let Ending { status, wrote } = self.ending().await;
                Err(self.secrets.hide(format!("{problem}{status}{wrote}")))
            }
        }
    }

    /// Tells when the list of tools may have changed.
    pub(super) fn changes(&self) -> Changes {
        let info = self.peer.peer_info();
        let tells = info
            .as_ref()
            .and_then(|info| info.capabilities.tools.as_ref()?.list_changed);
        let is_modern = info.is_some_and(|info| !info.protocol_version.has_initialize());
        Changes {
            peer: self.peer.clone(),
            list_changed: Arc::clone(&self.list_changed),
            subscription: None,
            subscribes: is_modern && tells == Some(true),
            gone: self.alive.subscribe(),
        }
    }

    /// Makes a call. Dropping it tells the server that nobody waits for it.
    pub(super) async fn call(
        &self,
        tool: String,
        arguments: Map<String, Value>,
        has_schema: bool,
    ) -> Result<ToolResult, CallError> {
        if self.process.is_none() && !fits(&arguments, self.max_message) {
            return Err(CallError::NotSent(format!(
                "its arguments have more than {} bytes, which is `maxMessage`: pass less",
                self.max_message
            )));
        }
        let params = CallToolRequestParams::new(Cow::Owned(tool)).with_arguments(arguments);
        let response = self.peer.call_tool_once(params).await;
        let hidden = |message: String| self.secrets.hide(message);
        match response {
            Ok(CallToolResponse::Complete(result)) => {
                result::convert(result, has_schema, &self.secrets).map_err(CallError::Refused)
            }
            Ok(CallToolResponse::InputRequired(asked)) => {
                Err(CallError::Refused(hidden(input_required(&asked))))
            }
            Ok(CallToolResponse::Task(_)) => Err(CallError::Refused(
                "it answered with a task that goes on, which this client did not offer to wait for"
                    .to_owned(),
            )),
            Ok(_) | Err(ServiceError::UnexpectedResponse) => Err(CallError::Refused(
                "its answer is no result of a tool in MCP".to_owned(),
            )),
            Err(ServiceError::McpError(error)) => {
                let message = hidden(error.message.into_owned());
                Err(CallError::Refused(text::lines(&message, MAX_ERROR)))
            }
            Err(ServiceError::TransportSend(error)) if self.is_open() => {
                let error = error.error.as_ref();
                Err(match self.process {
                    // What is too long, or cannot be queued.
                    Some(_) => {
                        CallError::NotSent(text::line(&hidden(error.to_string()), MAX_ERROR))
                    }
                    None if http_error::is_unreached(error) => {
                        CallError::Unreached(hidden(http_error::told(error)))
                    }
                    None => CallError::Lost(hidden(http_error::told(error))),
                })
            }
            Err(ServiceError::TransportClosed | ServiceError::TransportSend(_)) => {
                Err(CallError::Ended(self.ending().await))
            }
            Err(error) => Err(CallError::Lost(text::line(
                &hidden(error.to_string()),
                MAX_ERROR,
            ))),
        }
    }

    /// How the process ended, if it has.
    async fn ending(&self) -> Ending {
        match &self.process {
            Some(process) if !self.is_open() => Ending::of(process, &self.secrets).await,
            _ => Ending::default(),
        }
    }

    /// Ends it, and waits until the process is gone.
    pub(super) async fn close(&self) {
        if let Some(mut service) = self.service.lock().await.take() {
            // It has nothing to say that matters any more.
            let closed = service.close_with_timeout(Duration::from_secs(5)).await;
            drop(closed);
        }
        if let Some(process) = &self.process {
            process.end();
            process.wait().await;
        }
    }
}

/// Whether arguments are short enough to be sent. The transport over stdio sees for
/// itself.
fn fits(arguments: &Map<String, Value>, max_bytes: usize) -> bool {
    /// Counts down what is written.
    struct Left(usize);

    impl io::Write for Left {
        fn write(&mut self, bytes: &[u8]) -> io::Result<usize> {
            let left = self.0.checked_sub(bytes.len());
            self.0 = left.ok_or(io::ErrorKind::FileTooLarge)?;
            Ok(bytes.len())
        }

        fn flush(&mut self) -> io::Result<()> {
            Ok(())
        }
    }

    serde_json::to_writer(Left(max_bytes), arguments).is_ok()
}

/// That a tool asked for input, and what for.
fn input_required(asked: &InputRequiredResult) -> String {
    let requests = asked.input_requests.iter().flatten();
    let messages = requests.filter_map(|(_, request)| match request {
        InputRequest::Elicitation(request) => serde_json::to_value(&request.params)
            .ok()
            .and_then(|params| Some(params.get("message")?.as_str()?.to_owned())),
        _ => None,
    });
    let messages: Vec<_> = messages.collect();
    match messages.is_empty() {
        true => "it asks for input, and nobody can give it here".to_owned(),
        false => format!(
            "it asks for input, and nobody can give it here: {}",
            text::line(&messages.join("; "), 500)
        ),
    }
}

//! What a client asks for.

use std::collections::BTreeMap;
use std::sync::{Arc, Mutex, PoisonError};

use monty_code_mode::CodeMode;
use monty_code_mode::approvals::Principal;
use rmcp::model::{
    CacheScope, CallToolRequestParams, CallToolResponse, CallToolResult, CancelTaskParams,
    ContentBlock, CreateTaskResult, GetTaskParams, GetTaskResult, JsonObject, ListToolsResult,
    PaginatedRequestParams, ProtocolVersion, ServerConfig, SubscriptionFilter, UpdateTaskParams,
};
use rmcp::service::{NotificationContext, RequestContext, SubscriptionContext};
use rmcp::task_manager::{TaskContext, TaskExit};
use rmcp::{ErrorData, RoleServer, ServerHandler};
use serde::Deserialize;
use serde_json::Value as Json;
use tokio::task::JoinHandle;
use tokio_util::sync::{CancellationToken, DropGuard};

use super::progress::Progress;
use super::run::{Asks, Begin, ByHand, Job, failed, stopped};
use super::sessions::SharedSession;
use super::shared::{Changes, LIST_TIME_TO_LIVE, Offer, RESUME, SEARCH, Sees, Shared, latest};

/// Who sends a request.
#[derive(Clone)]
pub(super) struct Identity {
    /// Whose quota and tasks these are.
    pub(super) client: String,
    /// Whose approvals, if that is not the one of code mode.
    pub(super) principal: Option<Principal>,
}

/// Finds out who sends a request.
pub(super) type Identify = fn(&RequestContext<RoleServer>) -> Option<Identity>;

/// One connection, or one request where there are none.
pub(super) struct Connection {
    shared: Arc<Shared>,
    /// Who sends what comes without an identity of its own.
    own: Identity,
    identify: Identify,
    /// Whether a request may be all there is of a connection.
    is_http: bool,
    session: SharedSession,
    /// The changes that the client was told of are those that this has seen.
    known: Mutex<Changes>,
    closed: CancellationToken,
    _guard: DropGuard,
}

impl Connection {
    pub(super) fn new(shared: &Arc<Shared>, identify: Identify, is_http: bool) -> Self {
        let closed = CancellationToken::new();
        Self {
            own: Identity {
                client: format!("connection {}", shared.connection()),
                principal: None,
            },
            shared: Arc::clone(shared),
            identify,
            is_http,
            session: SharedSession::default(),
            known: Mutex::new(shared.changes()),
            _guard: closed.clone().drop_guard(),
            closed,
        }
    }

    /// Tells of changes since the client was told the tools or, if it was not, connected.
    ///
    /// Changes from now on are not enough: a client that is told that it will hear
    /// of changes may see the tools, and the tools may change, before this is called.
    /// Where each request is a connection, it is since this one came: a client lists
    /// the tools after its subscription is acknowledged, or again when their time is over.
    fn changes(&self) -> Changes {
        let known = self.known.lock();
        known.unwrap_or_else(PoisonError::into_inner).clone()
    }

    /// The client was told of all that `changes` has seen.
    fn knows(&self, changes: Changes) {
        *self.known.lock().unwrap_or_else(PoisonError::into_inner) = changes;
    }

    fn identity(&self, context: &RequestContext<RoleServer>) -> Identity {
        if let Some(identity) = (self.identify)(context) {
            return identity;
        }
        match self.is_alone(context) {
            true => Identity {
                client: "anonymous".to_owned(),
                principal: None,
            },
            false => self.own.clone(),
        }
    }

    /// Whether the request is all there is of the connection.
    fn is_alone(&self, context: &RequestContext<RoleServer>) -> bool {
        self.is_http && is_current(context)
    }

    fn sees(&self, context: &RequestContext<RoleServer>) -> Sees {
        Sees {
            has_session: !self.is_alone(context),
            resumes: !is_current(context),
        }
    }

    fn asks(&self, context: &RequestContext<RoleServer>) -> Asks {
        let elicits = || {
            let capabilities = context.client_capabilities();
            capabilities.is_some_and(|capabilities| capabilities.elicitation.is_some())
        };
        match is_current(context) {
            true => Asks::Result,
            false if elicits() => Asks::Elicitation(context.peer.clone()),
            false => Asks::Model,
        }
    }

    async fn run(
        &self,
        code_mode: CodeMode,
        begin: Begin,
        context: RequestContext<RoleServer>,
    ) -> Result<CallToolResponse, ErrorData> {
        let identity = self.identity(&context);
        let progress = Arc::new(Progress::default());
        let stop = CancellationToken::new();
        // Whoever drops this future stops the script.
        let guard = stop.clone().drop_guard();
        let place = tokio::select! {
            place = self.shared.quotas.place(&identity.client) => place,
            () = context.ct.cancelled() => return Ok(stopped()),
        };
        let place = match place {
            Ok(place) => place,
            Err(message) => return Ok(failed(message)),
        };
        let job = Job {
            code_mode,
            shared: Arc::clone(&self.shared),
            principal: identity.principal,
            session: (!self.is_alone(&context)).then(|| Arc::clone(&self.session)),
            asks: self.asks(&context),
            progress: Arc::clone(&progress),
            stop: stop.clone(),
        };
        let tells = async {
            match context.meta.get_progress_token() {
                Some(token) => progress.tell(&context.peer, token).await,
                None => std::future::pending().await,
            }
        };
        let has_tasks = context
            .client_capabilities()
            .is_some_and(|capabilities| capabilities.supports_tasks());
        if !has_tasks {
            // In this task: the client is asked in the name of its request.
            let mut script = Box::pin(job.run(begin, place));
            return Ok(tokio::select! {
                response = &mut script => response,
                () = tells => stopped(),
                () = context.ct.cancelled() => {
                    stop.cancel();
                    script.await
                }
            });
        }
        let mut script = tokio::spawn(job.clone().run(begin, place));
        if !self.shared.task_after.is_zero() {
            tokio::select! {
                response = &mut script => return response.map_err(panicked),
                () = tells => return Ok(stopped()),
                () = context.ct.cancelled() => {
                    stop.cancel();
                    return script.await.map_err(panicked);
                }
                () = tokio::time::sleep(self.shared.task_after) => {}
            }
        }
        let client = identity.client.clone();
        let task = self
            .shared
            .tasks
            .spawn(&identity.client, |task| async move {
                let _guard = guard;
                as_task(&task, &job, &client, script).await
            });
        Ok(CreateTaskResult::new(task).into())
    }
}

fn search(code_mode: &CodeMode, arguments: JsonObject) -> CallToolResponse {
    #[derive(Deserialize)]
    #[serde(deny_unknown_fields)]
    struct Search {
        query: String,
        limit: Option<u32>,
    }
    let Search { query, limit } = match serde_json::from_value(Json::Object(arguments)) {
        Ok(search) => search,
        Err(error) => return failed(format!("{SEARCH} takes `query` and `limit`: {error}")),
    };
    let limit = limit.unwrap_or(10).clamp(1, 50);
    let found = code_mode.index().search(&query, limit as usize);
    let text = match found.tools().is_empty() {
        true => "No function fits: try other words.".to_owned(),
        false => found.to_string(),
    };
    CallToolResult::success(vec![ContentBlock::text(text)]).into()
}

/// A script that outlasts its request, with the questions that it has.
async fn as_task(
    task: &TaskContext,
    job: &Job,
    client: &str,
    mut script: JoinHandle<CallToolResponse>,
) -> Result<CallToolResult, TaskExit> {
    for round in 1_u64.. {
        let response = tokio::select! {
            response = &mut script => response.map_err(panicked)?,
            () = task.cancelled() => {
                job.stop.cancel();
                let _ = script.await;
                return Err(TaskExit::Cancelled);
            }
        };
        let required = match response {
            CallToolResponse::Complete(result) => return Ok(result),
            CallToolResponse::InputRequired(required) => required,
            _ => break,
        };
        let token = required.request_state.unwrap_or_default();
        let mut answers = BTreeMap::new();
        for (key, request) in required.input_requests.unwrap_or_default() {
            // A key is used once.
            let asked = task.request_input(format!("{key}.{round}"), request);
            answers.insert(key, asked.await?);
        }
        let place = job.shared.quotas.place(client).await;
        let place = place.map_err(|message| ErrorData::internal_error(message, None))?;
        let answers = Begin::Answers { token, answers };
        script = tokio::spawn(job.clone().run(answers, place));
    }
    let endless = ErrorData::internal_error("the task has no end", None);
    Err(TaskExit::Error(endless))
}

/// How a script begins by a call of the tool that runs one.
fn begin(request: CallToolRequestParams) -> Begin {
    let CallToolRequestParams {
        arguments,
        input_responses,
        request_state,
        ..
    } = request;
    match request_state {
        Some(token) => Begin::Answers {
            token,
            answers: input_responses.unwrap_or_default(),
        },
        None => Begin::Arguments(Json::Object(arguments.unwrap_or_default())),
    }
}

/// The same by a call of the tool `resume`.
fn begin_by_hand(arguments: JsonObject) -> Result<Begin, String> {
    #[derive(Deserialize)]
    #[serde(deny_unknown_fields)]
    struct Resume {
        handle: String,
        approve: bool,
        only: Option<Vec<u64>>,
        reason: Option<String>,
    }
    let resume = serde_json::from_value(Json::Object(arguments));
    let Resume {
        handle,
        approve,
        only,
        reason,
    } = resume.map_err(|error| format!("{RESUME} takes `handle` and `approve`: {error}"))?;
    Ok(Begin::Handle(ByHand {
        handle,
        approve,
        only,
        reason: reason.unwrap_or_else(|| "the user denied it".to_owned()),
    }))
}

/// Whether a request is of MCP 2026-07-28 or later, which has neither sessions nor
/// requests to the client.
fn is_current(context: &RequestContext<RoleServer>) -> bool {
    let version = context.protocol_version();
    // Dates compare as their text does.
    version.is_some_and(|version| version.as_str() >= ProtocolVersion::V_2026_07_28.as_str())
}

fn panicked(_: tokio::task::JoinError) -> ErrorData {
    ErrorData::internal_error("the server failed while it ran the script", None)
}

impl ServerHandler for Connection {
    fn get_info(&self) -> ServerConfig {
        self.shared.config.clone()
    }

    async fn list_tools(
        &self,
        _request: Option<PaginatedRequestParams>,
        context: RequestContext<RoleServer>,
    ) -> Result<ListToolsResult, ErrorData> {
        let mut changes = self.shared.changes();
        let code_mode = latest(&mut changes).await?;
        self.knows(changes);
        let tools = self.shared.tools(&code_mode, self.sees(&context));
        let ttl = u64::try_from(LIST_TIME_TO_LIVE.as_millis()).unwrap_or(u64::MAX);
        // Who may see which tools is the embedder's to say: no cache between answers.
        Ok(ListToolsResult::with_all_items(tools)
            .with_ttl_ms(ttl)
            .with_cache_scope(CacheScope::Private))
    }

    async fn call_tool(
        &self,
        request: CallToolRequestParams,
        context: RequestContext<RoleServer>,
    ) -> Result<CallToolResponse, ErrorData> {
        let sees = self.sees(&context);
        let code_mode = self.shared.code_mode().await?;
        let offers = self.shared.offers(&code_mode, sees);
        let mut named = offers.iter().copied();
        let Some(offer) = named.find(|offer| offer.name(&code_mode) == request.name) else {
            let name = &request.name;
            let known: Vec<_> = offers.iter().map(|offer| offer.name(&code_mode)).collect();
            // Models call the names of the description as tools.
            if code_mode.toolbox().get(name).is_some() {
                let run = Offer::Run.name(&code_mode);
                return Ok(failed(format!(
                    "`{name}` is a function of scripts, not a tool: call it in a script that `{run}` runs"
                )));
            }
            return Err(ErrorData::invalid_params(
                format!(
                    "there is no tool `{name}`: the tools are {}",
                    known.join(", ")
                ),
                None,
            ));
        };
        match offer {
            Offer::Run => self.run(code_mode, begin(request), context).await,
            Offer::Search => Ok(search(&code_mode, request.arguments.unwrap_or_default())),
            Offer::Resume => match begin_by_hand(request.arguments.unwrap_or_default()) {
                Ok(begin) => self.run(code_mode, begin, context).await,
                Err(message) => Ok(failed(message)),
            },
        }
    }

    async fn on_initialized(&self, context: NotificationContext<RoleServer>) {
        let mut changes = self.changes();
        let closed = self.closed.clone();
        tokio::spawn(async move {
            loop {
                tokio::select! {
                    changed = changes.changed() => {
                        if changed.is_err() || context.peer.notify_tool_list_changed().await.is_err() {
                            return;
                        }
                    }
                    () = closed.cancelled() => return,
                }
            }
        });
    }

    fn accepted_subscription_filter(
        &self,
        _requested: &SubscriptionFilter,
    ) -> Option<SubscriptionFilter> {
        Some(SubscriptionFilter::builder().tools_list_changed().build())
    }

    async fn listen(&self, context: SubscriptionContext) -> Result<(), ErrorData> {
        let mut changes = self.changes();
        loop {
            tokio::select! {
                changed = changes.changed() => {
                    if changed.is_err() {
                        break;
                    }
                    if context.sink().notify_tool_list_changed().await.is_err() {
                        return Ok(());
                    }
                    // Whoever listens again was told of it.
                    self.knows(changes.clone());
                }
                () = context.cancelled() => return Ok(()),
            }
        }
        // The tools do not change any more.
        context.cancelled().await;
        Ok(())
    }

    async fn get_task(
        &self,
        request: GetTaskParams,
        context: RequestContext<RoleServer>,
    ) -> Result<GetTaskResult, ErrorData> {
        let client = self.identity(&context).client;
        let task = self.shared.tasks.get(&client, &request.task_id)?;
        Ok(GetTaskResult::new(task))
    }

    async fn update_task(
        &self,
        request: UpdateTaskParams,
        context: RequestContext<RoleServer>,
    ) -> Result<(), ErrorData> {
        let client = self.identity(&context).client;
        let tasks = &self.shared.tasks;
        tasks.update(&client, &request.task_id, request.input_responses)
    }

    async fn cancel_task(
        &self,
        request: CancelTaskParams,
        context: RequestContext<RoleServer>,
    ) -> Result<(), ErrorData> {
        let client = self.identity(&context).client;
        self.shared.tasks.cancel(&client, &request.task_id)
    }
}

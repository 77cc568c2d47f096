//! What the connections of a server share.

use std::sync::Arc;
use std::sync::atomic::{AtomicU64, Ordering};
use std::time::Duration;

use monty_code_mode::CodeMode;
use rmcp::ErrorData;
use rmcp::model::{
    Implementation, JsonObject, ServerCapabilities, ServerConfig, Tool, ToolAnnotations,
};
use serde_json::{Value as Json, json};
use tokio::sync::watch;

use super::ServerBuilder;
use super::handles::Handles;
use super::quota::Quotas;
use super::sessions::SessionMemory;
use super::tasks::Tasks;

/// How long a client may take the list of tools for current, without a notification.
pub(super) const LIST_TIME_TO_LIVE: Duration = Duration::from_secs(60);

pub(super) const SEARCH: &str = "search_tools";
pub(super) const RESUME: &str = "resume";

/// The tools, none before they are there, and how much of their changes was seen.
pub(super) type Changes = watch::Receiver<Option<CodeMode>>;

pub(super) struct Shared {
    code_mode: Changes,
    pub(super) config: ServerConfig,
    pub(super) quotas: Quotas,
    pub(super) tasks: Tasks,
    pub(super) sessions: SessionMemory,
    /// None if there is no tool `resume`.
    pub(super) handles: Option<Handles>,
    pub(super) task_after: Duration,
    connections: AtomicU64,
}

impl Shared {
    pub(super) fn new(builder: ServerBuilder) -> Self {
        let ServerBuilder {
            code_mode,
            name,
            quota,
            task_after,
            resume_tool,
            store,
            session_memory,
        } = builder;
        let capabilities = ServerCapabilities::builder()
            .enable_tools()
            .enable_tool_list_changed()
            .enable_tasks()
            .build();
        let config = ServerConfig::new(capabilities)
            .with_server_info(Implementation::new(name, env!("CARGO_PKG_VERSION")));
        Self {
            code_mode,
            config,
            quotas: Quotas::new(quota),
            tasks: Tasks::default(),
            sessions: SessionMemory::new(session_memory),
            handles: resume_tool.then(|| Handles::new(store)),
            task_after,
            connections: AtomicU64::new(0),
        }
    }

    /// The tools as they are now, once they are there.
    ///
    /// # Errors
    ///
    /// If they will never be.
    pub(super) async fn code_mode(&self) -> Result<CodeMode, ErrorData> {
        latest(&mut self.changes()).await
    }

    /// Tells of changes of the tools from now on.
    pub(super) fn changes(&self) -> Changes {
        let mut changes = self.code_mode.clone();
        changes.mark_unchanged();
        changes
    }

    /// A number that no other connection has.
    pub(super) fn connection(&self) -> u64 {
        self.connections.fetch_add(1, Ordering::Relaxed)
    }

    /// The tools that a client sees, always in the same order.
    pub(super) fn offers(&self, code_mode: &CodeMode, sees: Sees) -> Vec<Offer> {
        let mut offers = vec![Offer::Run];
        if !code_mode.toolbox().is_empty() {
            offers.push(Offer::Search);
        }
        if sees.resumes && self.handles.is_some() && code_mode.can_wait() {
            offers.push(Offer::Resume);
        }
        offers
    }

    /// The same with all that a client is told of them.
    pub(super) fn tools(&self, code_mode: &CodeMode, sees: Sees) -> Vec<Tool> {
        let offers = self.offers(code_mode, sees).into_iter();
        offers
            .map(|offer| match offer {
                Offer::Run => run(code_mode, sees),
                Offer::Search => search(),
                Offer::Resume => resume(),
            })
            .collect()
    }
}

/// The tools once they are there, which `changes` has seen then.
///
/// # Errors
///
/// If they will never be.
pub(super) async fn latest(changes: &mut Changes) -> Result<CodeMode, ErrorData> {
    let there = changes.wait_for(Option::is_some).await;
    let there = there.ok().and_then(|code_mode| code_mode.clone());
    there.ok_or_else(|| ErrorData::internal_error("the server has no tools and ends", None))
}

/// A tool of the server.
#[derive(Clone, Copy, PartialEq, Eq)]
pub(super) enum Offer {
    Run,
    Search,
    Resume,
}

impl Offer {
    pub(super) fn name(self, code_mode: &CodeMode) -> &str {
        match self {
            Self::Run => &code_mode.definition().name,
            Self::Search => SEARCH,
            Self::Resume => RESUME,
        }
    }
}

/// What depends on the client.
#[derive(Clone, Copy)]
pub(super) struct Sees {
    /// Whether its scripts share their names.
    pub(super) has_session: bool,
    /// Whether it goes on with a script by a tool of its own.
    pub(super) resumes: bool,
}

fn run(code_mode: &CodeMode, sees: Sees) -> Tool {
    let definition = match sees.has_session {
        true => code_mode.session_definition(),
        false => code_mode.definition(),
    };
    let run = Tool::new(
        definition.name.clone(),
        definition.description.clone(),
        object(definition.input_schema.clone()),
    );
    // What a script does is up to its tools, each with a policy of its own.
    run.with_annotations(ToolAnnotations::with_title("Run Python"))
}

fn search() -> Tool {
    let schema = json!({
        "type": "object",
        "properties": {
            "query": { "type": "string", "description": "What the function does, in a few words" },
            "limit": { "type": "integer", "minimum": 1, "maximum": 50, "default": 10 },
        },
        "required": ["query"],
        "additionalProperties": false,
    });
    let description = "Finds functions that scripts can call, by what they do. Returns signatures. \
         A script can search too, with search_tools(query), which takes no turn.";
    Tool::new(SEARCH, description, object(schema)).with_annotations(
        ToolAnnotations::with_title("Search functions")
            .read_only(true)
            .open_world(false),
    )
}

fn resume() -> Tool {
    let schema = json!({
        "type": "object",
        "properties": {
            "handle": { "type": "string", "description": "As the result of the script has it" },
            "approve": { "type": "boolean", "description": "What the user decided on the calls" },
            "only": {
                "type": "array",
                "items": { "type": "integer" },
                "description": "The numbers of the calls that are approved, where the others are denied",
            },
            "reason": { "type": "string", "description": "Why calls are denied, for the script" },
        },
        "required": ["handle", "approve"],
        "additionalProperties": false,
    });
    let description = "Goes on with a script that waits for approval, once the user has decided. \
         Never decide for the user.";
    Tool::new(RESUME, description, object(schema)).with_annotations(
        ToolAnnotations::with_title("Approve the calls of a script")
            .read_only(false)
            .destructive(true),
    )
}

fn object(schema: Json) -> Arc<JsonObject> {
    match schema {
        Json::Object(schema) => Arc::new(schema),
        _ => Arc::default(),
    }
}

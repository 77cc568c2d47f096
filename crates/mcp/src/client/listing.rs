//! The tools of a server as it lists them, within limits.

use std::collections::HashSet;
use std::time::Duration;

use monty_code_mode::{Annotations, ToolSchema};
use rmcp::Peer;
use rmcp::RoleClient;
use rmcp::model::{ClientRequest, ListToolsRequest, PaginatedRequestParams, ServerResult};
use rmcp::service::PeerRequestOptions;
use serde_json::Value;
use tokio::time::Instant;

use super::secrets::Secrets;
use super::text;

/// The most tools of a server, pages of its list, and bytes of all schemas and
/// descriptions.
const MAX_TOOLS: usize = 1_000;
const MAX_PAGES: usize = 100;
const MAX_BYTES: usize = 8 * 1024 * 1024;
/// The longest name and description of a tool, in characters.
const MAX_NAME: usize = 128;
const MAX_DESCRIPTION: usize = 8_000;
/// The longest cursor, in bytes.
const MAX_CURSOR: usize = 16 * 1024;
/// The most problems that are told.
const MAX_PROBLEMS: usize = 20;

/// A list of tools.
#[derive(Default)]
pub(super) struct Listing {
    pub(super) tools: Vec<ToolSchema>,
    /// What was left out, and why.
    pub(super) problems: Vec<String>,
    /// When it should be asked for again, if the server says so.
    pub(super) expires: Option<Instant>,
    bytes: usize,
}

impl Listing {
    pub(super) fn note(&mut self, problem: impl FnOnce() -> String) {
        match self.problems.len() {
            ..MAX_PROBLEMS => self.problems.push(problem()),
            MAX_PROBLEMS => self
                .problems
                .push("there are more such problems".to_owned()),
            _ => {}
        }
    }

    /// Adds a tool as the server describes it. Tells whether more can be added.
    fn add(&mut self, tool: Value, names: &mut HashSet<String>) -> bool {
        let name = tool
            .get("name")
            .and_then(Value::as_str)
            .unwrap_or_default()
            .to_owned();
        let shown = text::line(&name, MAX_NAME);
        if name.is_empty() || name.chars().count() > MAX_NAME {
            self.note(|| format!("a tool is left out: its name `{shown}` is empty or has more than {MAX_NAME} characters"));
            return true;
        }
        if names.contains(&name) {
            self.note(|| format!("the tool `{shown}` is listed twice: the first counts"));
            return true;
        }
        self.bytes += length(&tool);
        if self.bytes > MAX_BYTES || self.tools.len() >= MAX_TOOLS {
            self.note(|| format!(
                "the tools from `{shown}` on are left out: a list may have {MAX_TOOLS} tools and {MAX_BYTES} bytes"
            ));
            return false;
        }
        match schema(&name, tool) {
            Ok(schema) => {
                names.insert(name);
                self.tools.push(schema);
            }
            Err(problem) => self.note(|| format!("the tool `{shown}` is left out: {problem}")),
        }
        true
    }
}

/// About how many bytes a value has as JSON.
fn length(value: &Value) -> usize {
    match value {
        Value::String(text) => text.len() + 2,
        Value::Array(items) => items.iter().map(|item| length(item) + 1).sum::<usize>() + 2,
        Value::Object(entries) => {
            let entries = entries
                .iter()
                .map(|(key, value)| key.len() + length(value) + 4);
            entries.sum::<usize>() + 2
        }
        _ => 8,
    }
}

/// A tool, with what is wrong in details left out of it.
fn schema(name: &str, mut tool: Value) -> Result<ToolSchema, String> {
    let mut take = |key: &str| {
        tool.get_mut(key)
            .map(Value::take)
            .filter(|value| !value.is_null())
    };
    let input = take("inputSchema").ok_or("it has no inputSchema")?;
    if !input.is_object() {
        return Err("its inputSchema is no object".to_owned());
    }
    let mut schema = ToolSchema::new(name, input);
    let short = |value: Value| match value {
        Value::String(text) if text.chars().count() > MAX_DESCRIPTION => {
            Some(text.chars().take(MAX_DESCRIPTION).collect())
        }
        Value::String(text) => Some(text),
        _ => None,
    };
    schema.description = take("description").and_then(short);
    schema.title = take("title").and_then(short);
    schema.output_schema = take("outputSchema").filter(Value::is_object);
    if let Some(hints) = take("annotations") {
        let hint = |name: &str| hints.get(name).and_then(Value::as_bool);
        let mut annotations = Annotations::new();
        annotations.read_only = hint("readOnlyHint");
        annotations.destructive = hint("destructiveHint");
        annotations.idempotent = hint("idempotentHint");
        annotations.open_world = hint("openWorldHint");
        schema.annotations = annotations;
        if schema.title.is_none() {
            schema.title = hints.get("title").cloned().and_then(short);
        }
    }
    Ok(schema)
}

/// Asks for all tools, page by page.
pub(super) async fn list(
    peer: &Peer<RoleClient>,
    secrets: &Secrets,
    until: Instant,
) -> Result<Listing, String> {
    let mut listing = Listing::default();
    let mut names = HashSet::new();
    let mut cursor = None;
    for _ in 0..MAX_PAGES {
        let page = page(peer, cursor.take(), until).await?;
        if let Some(ttl) = page.ttl {
            let expires = Instant::now() + ttl;
            listing.expires = Some(listing.expires.map_or(expires, |other| other.min(expires)));
        }
        for mut tool in page.tools {
            secrets.hide_json(&mut tool);
            if !listing.add(tool, &mut names) {
                return Ok(listing);
            }
        }
        match page.next {
            None => return Ok(listing),
            Some(next) if next.len() > MAX_CURSOR => {
                listing
                    .note(|| format!("the list ends early: its cursor has {} bytes", next.len()));
                return Ok(listing);
            }
            Some(next) => cursor = Some(next),
        }
    }
    listing.note(|| format!("the list ends early: it has more than {MAX_PAGES} pages"));
    Ok(listing)
}

struct Page {
    tools: Vec<Value>,
    next: Option<String>,
    ttl: Option<Duration>,
}

/// The longest time for which a list is taken as it was.
const MAX_TTL: Duration = Duration::from_secs(24 * 60 * 60);
/// And the shortest, whatever the server says.
const MIN_TTL: Duration = Duration::from_secs(1);

async fn page(
    peer: &Peer<RoleClient>,
    cursor: Option<String>,
    until: Instant,
) -> Result<Page, String> {
    let mut params = PaginatedRequestParams::default();
    params.cursor = cursor;
    let request = ClientRequest::ListToolsRequest(ListToolsRequest {
        method: Default::default(),
        params: Some(params),
        extensions: Default::default(),
    });
    let left = until.saturating_duration_since(Instant::now());
    let options = PeerRequestOptions::with_timeout(left);
    let failed = |error: rmcp::ServiceError| match error {
        rmcp::ServiceError::McpError(error) => {
            format!(
                "it answered with an error: {}",
                text::line(&error.message, 500)
            )
        }
        rmcp::ServiceError::Timeout { .. } => "it did not list its tools in time".to_owned(),
        error => error.to_string(),
    };
    let handle = peer
        .send_request_with_option(request, options)
        .await
        .map_err(failed)?;
    let value = match handle.await_response().await.map_err(failed)? {
        // As a value, so that one tool that is no tool is left out alone.
        ServerResult::ListToolsResult(result) => serde_json::to_value(result),
        ServerResult::CustomResult(result) => Ok(result.0),
        _ => Err(serde::de::Error::custom("it is no list of tools")),
    };
    let mut value = value.map_err(|error| error.to_string())?;
    let Some(Value::Array(tools)) = value.get_mut("tools").map(Value::take) else {
        return Err("its answer to tools/list has no tools".to_owned());
    };
    let next = value
        .get("nextCursor")
        .and_then(Value::as_str)
        .filter(|next| !next.is_empty());
    let ttl = value
        .get("ttlMs")
        .and_then(Value::as_u64)
        .map(Duration::from_millis);
    Ok(Page {
        tools,
        next: next.map(str::to_owned),
        ttl: ttl.map(|ttl| ttl.clamp(MIN_TTL, MAX_TTL)),
    })
}

//! One script of a client, from its arguments to its result.

use std::collections::BTreeMap;
use std::sync::Arc;
use std::time::{Duration, SystemTime};

use base64::Engine as _;
use base64::engine::general_purpose::STANDARD;
use monty_code_mode::approvals::{Decisions, Principal};
use monty_code_mode::{Attachment, CodeMode, Conversation, Outcome, ResumeError, Review};
use rmcp::model::{
    CallToolResponse, CallToolResult, ContentBlock, InputRequiredResult, ResourceContents,
};
use rmcp::{Peer, RoleServer};
use serde_json::Value as Json;
use tokio_util::sync::CancellationToken;

use super::approval;
use super::progress::Progress;
use super::quota::Place;
use super::sessions::SharedSession;
use super::shared::{RESUME, Shared};

/// How a script begins, or goes on.
pub(super) enum Begin {
    /// With the arguments of the tool.
    Arguments(Json),
    /// With the answers to the questions that its last result had.
    Answers {
        token: String,
        answers: BTreeMap<String, Json>,
    },
    /// With what the user decided, by the tool `resume`.
    Handle(ByHand),
}

/// The arguments of the tool `resume`.
pub(super) struct ByHand {
    pub(super) handle: String,
    pub(super) approve: bool,
    pub(super) only: Option<Vec<u64>>,
    pub(super) reason: String,
}

/// How the user of a client is asked.
#[derive(Clone)]
pub(super) enum Asks {
    /// By the result of the call.
    Result,
    /// While the call waits.
    Elicitation(Peer<RoleServer>),
    /// By the model, if there is a tool for it.
    Model,
}

/// What the scripts of a request need: the first, and those that go on with it.
#[derive(Clone)]
pub(super) struct Job {
    pub(super) shared: Arc<Shared>,
    pub(super) code_mode: CodeMode,
    pub(super) principal: Option<Principal>,
    /// None where each script stands alone.
    pub(super) session: Option<SharedSession>,
    pub(super) asks: Asks,
    pub(super) progress: Arc<Progress>,
    pub(super) stop: CancellationToken,
}

/// How long a script that is stopped has for its end.
const GRACE: Duration = Duration::from_secs(5);

impl Job {
    /// Runs a script to its end, or to where the user is asked. It has its place for as
    /// long.
    pub(super) async fn run(self, begin: Begin, _place: Place) -> CallToolResponse {
        let mut peak = 0;
        let Some(session) = &self.session else {
            let conversation = self.code_mode.conversation().single();
            let mut conversation = self.prepared(conversation);
            return self.within(&mut conversation, begin, &mut peak).await;
        };
        let mut locked = tokio::select! {
            locked = session.lock() => locked,
            () = self.stop.cancelled() => return stopped(),
        };
        let is_forgotten = std::mem::take(&mut locked.is_forgotten);
        let conversation = match locked.conversation.take() {
            Some(mut conversation) => {
                conversation.switch(&self.code_mode);
                conversation
            }
            None => self.code_mode.conversation().session(),
        };
        let conversation = locked.conversation.insert(self.prepared(conversation));
        let mut response = self.within(conversation, begin, &mut peak).await;
        drop(locked);
        self.shared.sessions.used(session, peak);
        if let (true, CallToolResponse::Complete(result)) = (is_forgotten, &mut response) {
            let note = "[The names of earlier scripts are gone: the server needed their memory.]";
            result.content.push(ContentBlock::text(note));
        }
        response
    }

    fn prepared(&self, mut conversation: Conversation) -> Conversation {
        let progress = Arc::clone(&self.progress);
        conversation.on_call(move |tool, made| progress.called(tool, made));
        match &self.principal {
            Some(principal) => conversation.principal(*principal),
            None => conversation,
        }
    }

    /// Tells the most memory that the script's objects had, in bytes.
    async fn within(
        &self,
        conversation: &mut Conversation,
        begin: Begin,
        peak: &mut u64,
    ) -> CallToolResponse {
        let interrupt = conversation.interrupt_handle();
        let driven = self.drive(conversation, begin, peak);
        tokio::pin!(driven);
        let driven = tokio::select! {
            driven = &mut driven => driven,
            () = self.stop.cancelled() => {
                interrupt.interrupt();
                // A session lives on, unless the script does not end.
                match tokio::time::timeout(GRACE, driven).await {
                    Ok(driven) => driven,
                    Err(_) => return stopped(),
                }
            }
        };
        driven.unwrap_or_else(failed)
    }

    /// # Errors
    ///
    /// A text for the model.
    async fn drive(
        &self,
        conversation: &mut Conversation,
        begin: Begin,
        peak: &mut u64,
    ) -> Result<CallToolResponse, String> {
        let mut outcome = match begin {
            Begin::Arguments(arguments) => conversation.call(arguments).await,
            Begin::Answers { token, answers } => {
                let review = conversation.inspect(&token).await.map_err(not_resumed)?;
                let decisions = approval::decisions(&review, &answers)?;
                resume(conversation, &token, &decisions).await?
            }
            Begin::Handle(by_hand) => self.resume_by_hand(conversation, by_hand).await?,
        };
        // What was shown before the script waited.
        let mut attachments = Vec::new();
        note(&outcome, peak);
        while let Some(waiting) = outcome.waiting() {
            let token = waiting.token.as_str().to_owned();
            let expires = waiting.expires;
            attachments.append(&mut outcome.attachments);
            let review = conversation.inspect(&token).await.map_err(not_resumed)?;
            let decisions = match self.ask(&review, &token, expires).await? {
                Asked::Decided(decisions) => decisions,
                Asked::Response(response) => return Ok(*response),
            };
            outcome = resume(conversation, &token, &decisions).await?;
            note(&outcome, peak);
        }
        attachments.append(&mut outcome.attachments);
        Ok(result(&outcome, attachments).into())
    }

    async fn ask(
        &self,
        review: &Review,
        token: &str,
        expires: SystemTime,
    ) -> Result<Asked, String> {
        match &self.asks {
            Asks::Result => {
                let questions = approval::questions(review);
                if questions.is_empty() {
                    // Nothing of it can be shown.
                    let decisions = approval::decisions(review, &BTreeMap::new())?;
                    return Ok(Asked::Decided(decisions));
                }
                let required = InputRequiredResult::new(Some(questions), Some(token.to_owned()));
                Ok(Asked::Response(Box::new(required.into())))
            }
            Asks::Elicitation(peer) => {
                let decisions = tokio::select! {
                    decisions = approval::elicit(peer, review) => decisions,
                    () = self.stop.cancelled() => return Ok(Asked::Response(Box::new(stopped()))),
                };
                match decisions {
                    Some(decisions) => Ok(Asked::Decided(decisions)),
                    None => self.ask_by_model(review, token, expires).await,
                }
            }
            Asks::Model => self.ask_by_model(review, token, expires).await,
        }
    }

    async fn ask_by_model(
        &self,
        review: &Review,
        token: &str,
        expires: SystemTime,
    ) -> Result<Asked, String> {
        let Some(handles) = &self.shared.handles else {
            let nobody = "the user cannot be asked here";
            let decisions = approval::by_hand(review, false, None, nobody)?;
            return Ok(Asked::Decided(decisions));
        };
        let handle = handles.keep(token, expires).await?;
        let text = format!(
            "{review}\nThe script waits. Ask the user, and go on with `{RESUME}`: the handle is \"{handle}\". \
             Do not run the script again."
        );
        let result = CallToolResult::success(vec![ContentBlock::text(text)]);
        Ok(Asked::Response(Box::new(result.into())))
    }

    async fn resume_by_hand(
        &self,
        conversation: &mut Conversation,
        by_hand: ByHand,
    ) -> Result<Outcome, String> {
        let ByHand {
            handle,
            approve,
            only,
            reason,
        } = by_hand;
        let token = match &self.shared.handles {
            Some(handles) => handles.token(&handle).await?,
            None => None,
        };
        let token = token.ok_or(
            "no script waits under this handle: it may have expired. Run the script again, \
             without the calls that it has made",
        )?;
        let review = conversation.inspect(&token).await.map_err(not_resumed)?;
        let decisions = approval::by_hand(&review, approve, only.as_deref(), &reason)?;
        let outcome = resume(conversation, &token, &decisions).await?;
        if let Some(handles) = &self.shared.handles {
            handles.forget(&handle).await;
        }
        Ok(outcome)
    }
}

enum Asked {
    Decided(Decisions),
    Response(Box<CallToolResponse>),
}

/// Notes the memory that a script had.
fn note(outcome: &Outcome, peak: &mut u64) {
    if let Some(statistics) = &outcome.statistics {
        *peak = (*peak).max(statistics.peak_memory_bytes as u64);
    }
}

async fn resume(
    conversation: &mut Conversation,
    token: &str,
    decisions: &Decisions,
) -> Result<Outcome, String> {
    let resumed = conversation.resume(token, decisions).await;
    resumed.map_err(not_resumed)
}

fn not_resumed(error: ResumeError) -> String {
    format!("the script does not go on: {error}")
}

/// The text for the model, and what it is shown besides. Never structured content beside
/// the text: that would be twice the tokens.
fn result(outcome: &Outcome, attachments: Vec<Attachment>) -> CallToolResult {
    let mut content = vec![ContentBlock::text(outcome.text())];
    content.extend(attachments.into_iter().zip(1_usize..).map(block));
    match outcome.is_error() {
        true => CallToolResult::error(content),
        false => CallToolResult::success(content),
    }
}

fn block((attachment, number): (Attachment, usize)) -> ContentBlock {
    let Attachment {
        mime_type, data, ..
    } = attachment;
    let data = STANDARD.encode(data);
    match mime_type.split('/').next() {
        Some("image") => ContentBlock::image(data, mime_type),
        Some("audio") => ContentBlock::audio(data, mime_type),
        _ => ContentBlock::resource(ResourceContents::BlobResourceContents {
            uri: format!("attachment:{number}"),
            mime_type: Some(mime_type),
            blob: data,
            meta: None,
        }),
    }
}

/// The result of a script that did not begin, or not go on.
pub(super) fn failed(message: impl Into<String>) -> CallToolResponse {
    CallToolResult::error(vec![ContentBlock::text(message)]).into()
}

/// Of a script whose client asked to stop it. Nobody reads it.
pub(super) fn stopped() -> CallToolResponse {
    failed("the script was stopped")
}

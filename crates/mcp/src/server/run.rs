//! One script of a client, from its arguments to its result.

use std::collections::BTreeMap;
use std::sync::Arc;
use std::sync::atomic::{AtomicU64, Ordering};
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

/// A script, and what it needs.
pub(super) struct Job {
    pub(super) shared: Arc<Shared>,
    pub(super) code_mode: CodeMode,
    pub(super) principal: Option<Principal>,
    /// None where each script stands alone.
    pub(super) session: Option<SharedSession>,
    pub(super) begin: Begin,
    pub(super) asks: Asks,
    pub(super) progress: Arc<Progress>,
    pub(super) stop: CancellationToken,
    pub(super) place: Place,
    /// The most memory that the script's objects had, in bytes.
    pub(super) peak: Arc<AtomicU64>,
}

/// How long a script that is stopped has for its end.
const GRACE: Duration = Duration::from_secs(5);

impl Job {
    /// Runs the script to its end, or to where the user is asked.
    pub(super) async fn run(self) -> CallToolResponse {
        let Some(session) = self.session.clone() else {
            let conversation = self.code_mode.conversation().single();
            let mut conversation = self.prepared(conversation);
            return self.within(&mut conversation).await;
        };
        let memory = Arc::clone(&self.shared);
        let peak = Arc::clone(&self.peak);
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
        let mut response = self.within(conversation).await;
        drop(locked);
        memory.sessions.used(&session, peak.load(Ordering::Relaxed));
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

    async fn within(self, conversation: &mut Conversation) -> CallToolResponse {
        let interrupt = conversation.interrupt_handle();
        let stop = self.stop.clone();
        let driven = self.drive(conversation);
        tokio::pin!(driven);
        tokio::select! {
            response = &mut driven => return response,
            () = stop.cancelled() => interrupt.interrupt(),
        }
        // A session lives on, unless the script does not end.
        match tokio::time::timeout(GRACE, driven).await {
            Ok(response) => response,
            Err(_) => stopped(),
        }
    }

    async fn drive(self, conversation: &mut Conversation) -> CallToolResponse {
        let Self {
            shared,
            begin,
            asks,
            stop,
            place: _place,
            peak,
            ..
        } = self;
        let driver = Driver {
            shared: &shared,
            asks: &asks,
            stop: &stop,
            peak: &peak,
        };
        match driver.drive(conversation, begin).await {
            Ok(response) => response,
            Err(message) => failed(message),
        }
    }
}

struct Driver<'d> {
    shared: &'d Shared,
    asks: &'d Asks,
    stop: &'d CancellationToken,
    peak: &'d AtomicU64,
}

impl Driver<'_> {
    /// # Errors
    ///
    /// A text for the model.
    async fn drive(
        &self,
        conversation: &mut Conversation,
        begin: Begin,
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
        self.note(&outcome);
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
            self.note(&outcome);
        }
        attachments.append(&mut outcome.attachments);
        Ok(result(&outcome, attachments).into())
    }

    fn note(&self, outcome: &Outcome) {
        if let Some(statistics) = &outcome.statistics {
            let bytes = statistics.peak_memory_bytes as u64;
            self.peak.fetch_max(bytes, Ordering::Relaxed);
        }
    }

    async fn ask(
        &self,
        review: &Review,
        token: &str,
        expires: SystemTime,
    ) -> Result<Asked, String> {
        match self.asks {
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

//! [`CodeModeTool`]: code mode as a tool of rig's.

use std::fmt;
use std::sync::Arc;

use monty_code_mode::approvals::Decisions;
use monty_code_mode::{CodeMode, Conversation, Definition, Outcome, ResumeError};
use monty_host::{Error, ErrorKind, Limit};
use rig_core::message::{EmptyToolName, ToolName};
use rig_core::tool::{DynamicTool, ToolErrorKind, ToolExecutionError, ToolOutput};
use tokio::sync::Mutex;

use crate::content;

/// What a program does with each outcome.
type Observer = Arc<dyn Fn(&Outcome) + Send + Sync>;

/// Code mode as a tool of rig's: one conversation, whose scripts run one after
/// another, also when the model calls the tool several times at once.
///
/// Make one for each agent, or for each user of an agent. The model reads
/// [`Outcome::text`] and sees the images that scripts show. A script that failed
/// is a [`ToolExecutionError`] with that text as feedback.
///
/// Clones share the conversation.
#[derive(Clone)]
pub struct CodeModeTool {
    definition: Definition,
    conversation: Arc<Mutex<Conversation>>,
    observer: Option<Observer>,
}

impl fmt::Debug for CodeModeTool {
    fn fmt(&self, formatter: &mut fmt::Formatter<'_>) -> fmt::Result {
        formatter
            .debug_struct("CodeModeTool")
            .field("name", &self.definition.name)
            .finish_non_exhaustive()
    }
}

impl CodeModeTool {
    /// A conversation whose scripts each start anew.
    pub fn new(code_mode: &CodeMode) -> Self {
        Self::of(code_mode.definition(), code_mode.conversation())
    }

    /// A conversation whose scripts share their names.
    pub fn session(code_mode: &CodeMode) -> Self {
        let conversation = code_mode.conversation().session();
        Self::of(code_mode.session_definition(), conversation)
    }

    /// A conversation that the program has set up, with the definition that goes
    /// with it.
    pub fn of(definition: &Definition, conversation: Conversation) -> Self {
        Self {
            definition: definition.clone(),
            conversation: Arc::new(Mutex::new(conversation)),
            observer: None,
        }
    }

    /// Shows the program each outcome before the model reads it: the calls that
    /// were made, and the token of a script that waits for approval.
    #[must_use]
    pub fn on_outcome(mut self, observer: impl Fn(&Outcome) + Send + Sync + 'static) -> Self {
        self.observer = Some(Arc::new(observer));
        self
    }

    /// The tool, for `AgentBuilder::dynamic_tool`.
    ///
    /// # Errors
    ///
    /// If code mode was given an empty name.
    pub fn dynamic_tool(&self) -> Result<DynamicTool, EmptyToolName> {
        let name = ToolName::new(self.definition.name.clone())?;
        let tool = self.clone();
        Ok(DynamicTool::new(
            name,
            self.definition.description.clone(),
            self.definition.input_schema.clone(),
            move |arguments| {
                let tool = tool.clone();
                Box::pin(async move {
                    let outcome = tool.conversation.lock().await.call(arguments).await;
                    tool.observe(&outcome);
                    output(outcome)
                })
            },
        ))
    }

    /// Goes on with a script that waited for approval. What the model is told of
    /// it, such as in the next prompt, is the outcome's text.
    ///
    /// # Errors
    ///
    /// As [`Conversation::resume`].
    pub async fn resume(&self, token: &str, decisions: &Decisions) -> Result<Outcome, ResumeError> {
        let mut conversation = self.conversation.lock().await;
        let outcome = conversation.resume(token, decisions).await?;
        self.observe(&outcome);
        Ok(outcome)
    }

    fn observe(&self, outcome: &Outcome) {
        if let Some(observer) = &self.observer {
            observer(outcome);
        }
    }
}

/// What rig gives the model of an outcome.
fn output(outcome: Outcome) -> Result<ToolOutput, ToolExecutionError> {
    if let Some(error) = outcome.error() {
        let failed = ToolExecutionError::new(kind(error), error.to_string());
        return Err(failed.with_model_feedback(outcome.text()));
    }
    ToolOutput::content(content::of_outcome(&outcome))
}

/// What a script that failed is to rig, which retries some kinds.
fn kind(error: &Error) -> ToolErrorKind {
    match error.kind() {
        ErrorKind::Source | ErrorKind::Check | ErrorKind::Request => ToolErrorKind::InvalidArgs,
        ErrorKind::Interrupted => ToolErrorKind::Cancelled,
        ErrorKind::Busy => ToolErrorKind::RateLimited,
        _ => match error.limit() {
            // Not for what takes as long when it is tried again.
            Some(Limit::WaitDuration) => ToolErrorKind::Timeout,
            _ => ToolErrorKind::Other,
        },
    }
}

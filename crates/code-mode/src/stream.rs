//! A script that runs while it is written.

use std::fmt;
use std::sync::Arc;

use monty_host::{Error, Progress};

use crate::call_log::CallLog;
use crate::calls::Run;
use crate::conversation::{Conversation, Live, Part, with_value};
use crate::outcome::Outcome;
use crate::statement::Lines;

/// A script that runs while it is written: each statement runs once the first line
/// of the next one is there, and the last with [`finish`](Self::finish). None runs
/// twice.
///
/// A statement that fails, or that waits for approval, ends the run: what is
/// written after it does not run, or not before the approval.
///
/// ```
/// # use monty_code_mode::{CodeMode, Toolbox};
/// # use monty_host::{Monty, Tool};
/// # #[tokio::main(flavor = "current_thread")]
/// # async fn main() -> Result<(), Box<dyn std::error::Error>> {
/// # let fetch = Tool::new("fetch", ["page"], |page: u32| page * 100);
/// # let toolbox = Toolbox::builder().tool(fetch).build()?;
/// # let code_mode = CodeMode::new(&Monty::new()?, toolbox).await?;
/// let mut conversation = code_mode.conversation();
/// let mut stream = conversation.stream();
/// stream.push("page = fetch(").await;
/// stream.push("1)\ntotal = page + 1\n").await; // fetch(1) has run
/// stream.push("total").await;
/// assert_eq!(stream.finish().await.text(), "101");
/// # Ok(()) }
/// ```
pub struct Stream<'c> {
    conversation: &'c mut Conversation,
    run: Arc<Run>,
    live: Option<Live>,
    part: Part,
    /// What was read of the source, so that each line is read once.
    lines: Lines,
    printed: String,
    /// What the last statement came to.
    last: Option<Result<Progress, Error>>,
}

impl fmt::Debug for Stream<'_> {
    fn fmt(&self, formatter: &mut fmt::Formatter<'_>) -> fmt::Result {
        formatter
            .debug_struct("Stream")
            .field("written", &self.part.source.len())
            .field("run", &self.part.rest)
            .finish_non_exhaustive()
    }
}

impl Conversation {
    /// A script that runs while it is written, such as while a model streams it.
    /// Without a [`session`](Self::session), its names are gone after it. Dropping
    /// it ends the session: the next script starts a new one.
    pub fn stream(&mut self) -> Stream<'_> {
        Stream::new(self)
    }
}

impl<'c> Stream<'c> {
    fn new(conversation: &'c mut Conversation) -> Self {
        Self {
            run: conversation.begin("", CallLog::default()),
            conversation,
            live: None,
            part: Part {
                source: String::new(),
                rest: 0,
            },
            lines: Lines::default(),
            printed: String::new(),
            last: None,
        }
    }

    /// Adds text to the script, and runs the statements that it completes.
    ///
    /// Dropping the future ends the session, as for
    /// [`Conversation::call`].
    pub async fn push(&mut self, text: &str) {
        self.part.source += text;
        if !text.contains('\n') {
            return;
        }
        // The line that begins a statement is whole, so that `else` is told from
        // `elsewhere`.
        while !self.has_stopped() {
            let unread = self.part.source.get(self.lines.length()..);
            let unread = unread.unwrap_or_default();
            let Some(end) = unread.find('\n') else {
                return;
            };
            let line = unread.get(..=end).unwrap_or_default();
            if let Some(closed) = self.lines.read(line) {
                self.run_to(closed.end, false).await;
            }
        }
    }

    /// Runs what is left. The outcome is that of the whole script.
    pub async fn finish(mut self) -> Outcome {
        if !self.has_stopped() {
            let end = self.part.source.len();
            self.run_to(end, true).await;
        }
        let Self {
            conversation,
            run,
            live,
            part,
            printed,
            last,
            lines: _,
        } = self;
        if let Some(live) = live {
            conversation.keep_live(live);
        }
        match last {
            Some(progress) => conversation.outcome(&run, &part, printed, progress).await,
            // Nothing was written.
            None => conversation.run("").await,
        }
    }

    /// Whether a statement failed or waits.
    fn has_stopped(&self) -> bool {
        matches!(&self.last, Some(Err(_) | Ok(Progress::Suspended(_))))
    }

    async fn run_to(&mut self, end: usize, is_last: bool) {
        let Some(source) = self.part.take(end) else {
            return;
        };
        let mut live = match self.live.take() {
            Some(live) => live,
            None => match self.conversation.take_live().await {
                Ok(live) => live,
                Err(error) => {
                    self.last = Some(Err(error));
                    return;
                }
            },
        };
        if let Some(Ok(Progress::Finished(report))) = &self.last {
            self.printed += &report.printed.to_string();
        }
        self.run.go_on(&source);
        live.calls.begin(self.conversation.table(), &self.run);
        let source = if is_last { with_value(&source) } else { source };
        self.last = Some(live.feed(source).await);
        self.live = Some(live);
    }
}

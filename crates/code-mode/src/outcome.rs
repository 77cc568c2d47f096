//! What came of a script, and the text of it that a model reads.

use std::fmt::Write;
use std::time::SystemTime;

use monty_host::{Error, ErrorKind, Statistics, Value};

use crate::approvals::{PendingCall, Token};
use crate::call_log::{CallEnd, CallLog, CallRecord};
use crate::excerpt;
use crate::kept::{self, KeptValues};
use crate::schema::Attachment;

/// What came of a script.
///
/// [`text`](Self::text) is for the model, the rest for the program.
#[derive(Debug)]
#[non_exhaustive]
pub struct Outcome {
    /// How it ended.
    pub status: Status,
    /// The value of the last expression, or of a final assignment. `None` where
    /// there is neither, and where the script did not end.
    pub value: Value,
    /// Everything it printed.
    pub printed: String,
    /// Its calls, in order: at most 1,000.
    pub calls: Vec<CallRecord>,
    /// How many more calls it made.
    pub unrecorded_calls: u64,
    /// What is shown to the model besides text, such as images.
    pub attachments: Vec<Attachment>,
    /// What it used up, if it began.
    pub statistics: Option<Statistics>,
    pub(crate) text: String,
}

/// How a script ended.
#[derive(Debug)]
#[non_exhaustive]
pub enum Status {
    /// It ran to its end.
    Finished,
    /// It has no value.
    Failed(Error),
    /// Somebody has to decide on calls before it goes on:
    /// [`CodeMode::resume`](crate::CodeMode::resume).
    Waiting(Waiting),
}

/// A script that waits for decisions.
#[derive(Clone, Debug)]
#[non_exhaustive]
pub struct Waiting {
    /// What the script goes on from, wherever that is.
    pub token: Token,
    /// When that is over.
    pub expires: SystemTime,
    /// The calls to decide on, with their arguments and lines.
    pub calls: Vec<PendingCall>,
}

impl Outcome {
    /// What a model is told: prints and the value, or what went wrong and what
    /// already ran. It is within the budget of the
    /// [`CodeModeBuilder`](crate::CodeModeBuilder::result_tokens).
    pub fn text(&self) -> &str {
        &self.text
    }

    /// Whether the script failed, as MCP's `isError` has it.
    pub fn is_error(&self) -> bool {
        matches!(self.status, Status::Failed(_))
    }

    /// The error, if the script failed.
    pub fn error(&self) -> Option<&Error> {
        match &self.status {
            Status::Failed(error) => Some(error),
            _ => None,
        }
    }

    /// The decisions that the script waits for, if it does.
    pub fn waiting(&self) -> Option<&Waiting> {
        match &self.status {
            Status::Waiting(waiting) => Some(waiting),
            _ => None,
        }
    }
}

/// What the text of an outcome is made of.
pub(crate) struct Telling {
    /// In characters.
    pub(crate) budget: usize,
    /// What helps to mend the script, beside the error.
    pub(crate) advice: Option<String>,
    /// The number under which the next script finds what was cut, if it does.
    pub(crate) kept: Option<u64>,
    /// Whether names live on after an error.
    pub(crate) keeps_names: bool,
}

/// A text, and which parts of it were cut.
#[derive(Debug, Default)]
pub(crate) struct Told {
    pub(crate) text: String,
    pub(crate) value_is_cut: bool,
    pub(crate) printed_is_cut: bool,
}

/// The text of a script that ended.
pub(crate) fn finished(value: &Value, printed: &str, telling: &Telling) -> Told {
    let budget = telling.budget;
    let shows_value = !value.is_none() || printed.is_empty();
    // Each has half, and what the other leaves.
    let printed_budget = match shows_value && !printed.is_empty() {
        true => {
            let needed = excerpt::value(value, budget / 2).text.chars().count();
            budget - needed.min(budget / 2)
        }
        false => budget,
    };
    let prints = excerpt::text(printed.trim_end_matches('\n'), printed_budget);
    let mut told = Told {
        printed_is_cut: prints.is_cut,
        text: prints.text,
        value_is_cut: false,
    };
    if shows_value {
        let left = budget.saturating_sub(told.text.chars().count());
        let shown = match value.as_str() {
            Some(text) if printed.is_empty() => excerpt::text(text, left),
            _ => excerpt::value(value, left),
        };
        told.value_is_cut = shown.is_cut;
        if !told.text.is_empty() {
            told.text += "\n=> ";
        }
        told.text += &shown.text;
    }
    let mut note = |name: Option<String>, what| {
        told.text += &match name {
            Some(name) => format!("\n[The whole {what} is `{name}` in your next script.]"),
            None => format!("\n[The whole {what} is not kept: return less.]"),
        };
    };
    if told.value_is_cut {
        let kept = telling.kept.filter(|_| KeptValues::takes(value));
        note(kept.map(kept::value_name), "value");
    }
    if told.printed_is_cut {
        note(telling.kept.map(kept::printed_name), "output");
    }
    told
}

/// An error has this many characters in any case: it is what mends the script.
const LEAST_ERROR: usize = 1000;

/// The text of a script that failed. The message is the error's, without secrets.
pub(crate) fn failed(
    error: &Error,
    message: &str,
    printed: &str,
    log: &CallLog,
    telling: &Telling,
) -> Told {
    let longest = (telling.budget / 3).max(LEAST_ERROR);
    let prints = excerpt::text(printed.trim_end_matches('\n'), telling.budget / 3);
    let mut told = Told {
        printed_is_cut: prints.is_cut,
        text: prints.text,
        value_is_cut: false,
    };
    let text = &mut told.text;
    if !text.is_empty() {
        text.push('\n');
    }
    let message = excerpt::text(message, longest).text;
    *text += &match error.kind() {
        ErrorKind::Script
        | ErrorKind::Source
        | ErrorKind::Check
        | ErrorKind::Limit
        | ErrorKind::Request => message,
        ErrorKind::Interrupted => format!("The script was stopped: {message}"),
        ErrorKind::Busy => format!("The interpreter is busy: {message}. Try again."),
        _ => format!("The host failed, not the script: {message}"),
    };
    if let Some(advice) = &telling.advice {
        let _ = write!(text, "\n{}", excerpt::text(advice, longest).text);
    }
    *text += &what_ran(log, telling.budget / 3);
    if telling.keeps_names && error.kind() != ErrorKind::Check {
        *text += "\nNames that were defined before the error are kept.";
    }
    if let (true, Some(number)) = (told.printed_is_cut, telling.kept) {
        let name = kept::printed_name(number);
        told.text += &format!("\n[The whole output is `{name}` in your next script.]");
    }
    told
}

/// The calls that must not be made again without thought.
fn what_ran(log: &CallLog, budget: usize) -> String {
    let made = log.records.iter().filter(|call| call.outcome.was_made());
    let (reads, others): (Vec<_>, Vec<_>) = made.partition(|call| call.read_only);
    if others.is_empty() && log.unrecorded == 0 {
        return match reads.len() {
            0 if log.records.is_empty() => String::new(),
            0 => "\nNo call was made.".to_owned(),
            1 => "\n1 call ran, of a tool that only reads.".to_owned(),
            reads => format!("\n{reads} calls ran, all of tools that only read."),
        };
    }
    let mut text =
        "\nThese calls already ran. Do not repeat them unless that is wanted:".to_owned();
    let mut length = 0;
    for (index, call) in others.iter().enumerate() {
        let line = format!("\n- {call}");
        length += line.chars().count();
        if length > budget {
            let _ = write!(text, "\n- … and {} more", others.len() - index);
            break;
        }
        text += &line;
    }
    if log.unrecorded > 0 {
        let _ = write!(text, "\n- … and {} later calls", log.unrecorded);
    }
    if !reads.is_empty() {
        let _ = write!(
            text,
            "\n{} calls of tools that only read ran too.",
            reads.len()
        );
    }
    text
}

/// The text of a script that waits.
pub(crate) fn waiting(
    calls: &[PendingCall],
    log: &CallLog,
    printed: &str,
    budget: usize,
) -> String {
    let mut text = excerpt::text(printed.trim_end_matches('\n'), budget / 2).text;
    if !text.is_empty() {
        text.push('\n');
    }
    text += "The script waits for approval of:";
    let room = (budget / 2).max(LEAST_ERROR);
    let mut length = 0;
    for (index, call) in calls.iter().enumerate() {
        let record = log
            .records
            .iter()
            .find(|record| record.id == call.id && record.outcome == CallEnd::Waiting);
        // Of many calls, the latest have no record.
        let arguments = record.map_or("…", |record| record.arguments.as_str());
        let line = format!("\n- {}({arguments})", call.tool);
        length += line.chars().count();
        if length > room {
            let _ = write!(text, "\n- … and {} more", calls.len() - index);
            break;
        }
        text += &line;
    }
    text += "\nIt goes on from there once they are decided. Do not run it again.";
    text
}

//! The calls of a script, as they are reported.

use std::collections::BTreeMap;
use std::fmt::{self, Write};
use std::time::Duration;

use monty_host::{Call, ToolError, Value};
use serde::{Deserialize, Serialize};

use crate::excerpt;
use crate::text;

/// A call that a script made.
#[derive(Clone, Debug, PartialEq, Serialize, Deserialize)]
#[non_exhaustive]
pub struct CallRecord {
    /// Identifies the call within its script or session.
    pub id: u32,
    /// The tool's name in Python.
    pub name: String,
    /// The arguments, shortened to some 100 characters.
    pub arguments: String,
    /// The line of the script that made it, from 1, unless it is in code of an
    /// earlier script.
    pub line: Option<u32>,
    /// How long it took, or has taken so far.
    pub duration: Duration,
    /// What it came to.
    pub outcome: CallEnd,
    /// Whether the tool is annotated as read-only: calling it again does no harm.
    pub read_only: bool,
}

/// What a call came to.
#[derive(Clone, Debug, PartialEq, Eq, Serialize, Deserialize)]
#[non_exhaustive]
pub enum CallEnd {
    /// The script got a value.
    Returned,
    /// The script got an exception, in its type and message.
    Raised(String),
    /// It was not made: the arguments did not fit, the policy refused it, or
    /// whoever was asked did.
    Refused(String),
    /// It waits for approval.
    Waiting,
    /// It was under way when the script ended, or timed out for the script.
    Cancelled,
    /// It is still under way.
    Unfinished,
}

impl CallEnd {
    /// Whether the tool may have had an effect.
    pub fn was_made(&self) -> bool {
        !matches!(self, Self::Refused(_) | Self::Waiting)
    }
}

impl fmt::Display for CallRecord {
    fn fmt(&self, formatter: &mut fmt::Formatter<'_>) -> fmt::Result {
        write!(formatter, "{}({})", self.name, self.arguments)?;
        if let Some(line) = self.line {
            write!(formatter, " in line {line}")?;
        }
        match &self.outcome {
            CallEnd::Returned => formatter.write_str(": returned"),
            CallEnd::Raised(error) => write!(formatter, ": raised {error}"),
            CallEnd::Refused(reason) => write!(formatter, ": not made, {reason}"),
            CallEnd::Waiting => formatter.write_str(": waits for approval"),
            CallEnd::Cancelled => formatter.write_str(": cancelled, it may have had its effect"),
            CallEnd::Unfinished => formatter.write_str(": under way"),
        }
    }
}

/// The records are this many at most; later calls are counted.
const MOST_RECORDS: usize = 1000;

/// What was called, in the order of the calls.
#[derive(Clone, Debug, Default, Serialize, Deserialize)]
pub(crate) struct CallLog {
    pub(crate) records: Vec<CallRecord>,
    /// Calls without a record.
    pub(crate) unrecorded: u64,
    /// The calls of each tool that may be called so many times only, with or
    /// without a record.
    counts: BTreeMap<String, u64>,
}

impl CallLog {
    /// Counts a call of a tool, and tells how many there are now.
    pub(crate) fn count(&mut self, name: &str) -> u64 {
        let count = self.counts.entry(name.to_owned()).or_default();
        *count += 1;
        *count
    }

    /// How many calls of a tool were counted.
    pub(crate) fn counted(&self, name: &str) -> u64 {
        self.counts.get(name).copied().unwrap_or_default()
    }

    /// How many calls began.
    pub(crate) fn made(&self) -> u64 {
        self.unrecorded + self.records.len() as u64
    }

    /// Adds a call, and returns its place if it has one.
    pub(crate) fn begin(&mut self, record: CallRecord) -> Option<usize> {
        if self.records.len() >= MOST_RECORDS {
            self.unrecorded += 1;
            return None;
        }
        if self.records.is_empty() {
            // Not grown for each of the first few.
            self.records.reserve(16);
        }
        self.records.push(record);
        Some(self.records.len() - 1)
    }

    /// The place of a call that waits.
    pub(crate) fn waiting(&self, id: u32) -> Option<usize> {
        let waits = |record: &CallRecord| record.id == id && record.outcome == CallEnd::Waiting;
        self.records.iter().position(waits)
    }

    pub(crate) fn end(&mut self, place: Option<usize>, duration: Duration, outcome: CallEnd) {
        if let Some(record) = place.and_then(|place| self.records.get_mut(place)) {
            record.duration = duration;
            record.outcome = outcome;
        }
    }

    /// Those that are under way when the script ends are cancelled.
    pub(crate) fn close(&mut self) {
        for record in &mut self.records {
            if record.outcome == CallEnd::Unfinished {
                record.outcome = CallEnd::Cancelled;
            }
        }
    }
}

/// The arguments are this long at most, in characters.
const ARGUMENTS: usize = 100;

/// A reason is this long at most, in characters.
const REASON: usize = 200;

/// One argument of several.
const ARGUMENT: usize = 40;

/// The arguments of a call in short.
pub(crate) fn shortened(call: &Call) -> String {
    let keyword = call
        .keyword
        .iter()
        .map(|(name, value)| (name.as_str(), value));
    let positional = call.positional.iter().map(|value| ("", value));
    let count = call.positional.len() + call.keyword.len();
    let budget = if count > 1 { ARGUMENT } else { ARGUMENTS };
    let mut shown = String::new();
    let mut left = count;
    for (name, value) in positional.chain(keyword) {
        if shown.len() > ARGUMENTS {
            shown += &format!(", …+{left}");
            break;
        }
        left -= 1;
        if !shown.is_empty() {
            shown += ", ";
        }
        if !name.is_empty() {
            // A script can pass any text as a name: `f(**{text: 1})`.
            shown += &text::line(name, ARGUMENT);
            shown.push('=');
        }
        match value {
            // What most arguments are needs no search for a cut that fits.
            Value::Int(value) => shown += itoa::Buffer::new().format(*value),
            Value::Bool(_) | Value::None | Value::Float(_) => {
                // A `String` takes everything.
                let _ = write!(shown, "{value}");
            }
            value => shown += &text::escaped(&excerpt::value(value, budget).text),
        }
    }
    shown
}

/// An exception in its type and message, shortened.
pub(crate) fn error_in_short(error: &ToolError) -> String {
    let type_name = text::line(error.type_name(), REASON);
    format!("{type_name}: {}", reason_in_short(error.message()))
}

/// Why a call is not made, in a line: what servers and people write cannot pass
/// for another line of the log.
pub(crate) fn reason_in_short(reason: &str) -> String {
    text::line(reason, REASON)
}

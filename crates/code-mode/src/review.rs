//! What a person sees before they decide.

use std::fmt;
use std::time::SystemTime;

use crate::approvals::{Approval, PendingCall};
use crate::call_log::{CallEnd, CallRecord};
use crate::suspended::Suspended;
use crate::text;

/// A script that waits, as it is shown to whoever decides: the calls with their
/// arguments and the lines that make them, and what already ran.
///
/// `Display` writes it as text, without control characters.
#[derive(Clone, Debug)]
#[non_exhaustive]
pub struct Review {
    /// The calls to decide on.
    pub calls: Vec<PendingCall>,
    /// The whole script.
    pub source: String,
    /// The calls that were made before.
    pub already: Vec<CallRecord>,
    /// What the script has printed.
    pub printed: String,
    /// When the token is no longer valid.
    pub expires: SystemTime,
}

/// The most that is shown of a line of the script and of the arguments of a call,
/// in characters.
const LINE: usize = 200;
const ARGUMENTS: usize = 4000;

impl Review {
    pub(crate) fn new(approval: Approval, suspended: Suspended) -> Self {
        let made = |record: &CallRecord| record.outcome != CallEnd::Waiting;
        Self {
            calls: approval.calls,
            source: suspended.source,
            already: suspended.log.records.into_iter().filter(made).collect(),
            printed: suspended.printed,
            expires: approval.expires,
        }
    }

    /// The line of the script that makes a call.
    pub fn line_of(&self, call: &PendingCall) -> Option<&str> {
        let index = usize::try_from(call.line?).ok()?.checked_sub(1)?;
        self.source.lines().nth(index)
    }
}

impl fmt::Display for Review {
    fn fmt(&self, formatter: &mut fmt::Formatter<'_>) -> fmt::Result {
        formatter.write_str("The script asks to call:\n")?;
        for call in &self.calls {
            let arguments = text::line(&call.arguments.to_string(), ARGUMENTS);
            write!(formatter, "- {} with {arguments}", call.tool)?;
            if let (Some(number), Some(line)) = (call.line, self.line_of(call)) {
                let line = text::line(line.trim(), LINE);
                write!(formatter, "\n  in line {number}: {line}")?;
            }
            formatter.write_str("\n")?;
        }
        if self.already.is_empty() {
            return formatter.write_str("It has called nothing before.\n");
        }
        formatter.write_str("It has already called:\n")?;
        self.already
            .iter()
            .try_for_each(|call| writeln!(formatter, "- {}", text::line(&call.to_string(), LINE)))
    }
}

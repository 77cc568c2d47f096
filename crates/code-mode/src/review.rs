//! What a person sees before they decide.

use std::fmt::{self, Write as _};
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

/// As many of the calls that were made before are shown: the latest.
const LATEST: usize = 20;

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

impl Review {
    /// Whether a call's arguments are short enough to be shown in full: at most
    /// 4,000 characters of JSON. Nobody should approve of one whose are not.
    pub fn shows_all_of(call: &PendingCall) -> bool {
        call.arguments.to_string().chars().count() <= ARGUMENTS
    }

    /// One of the calls as text, and what ran before it: where each is decided on
    /// by itself.
    pub fn of_call(&self, call: &PendingCall) -> String {
        let mut text = format!("The script asks to call {}\n", self.shown(call));
        let _ = write!(text, "{}", AlreadyCalled(&self.already));
        text
    }

    fn shown(&self, call: &PendingCall) -> String {
        let arguments = text::exact(&call.arguments.to_string(), ARGUMENTS);
        let mut shown = format!("{} with {arguments}", call.tool);
        if let (Some(number), Some(line)) = (call.line, self.line_of(call)) {
            let line = text::exact(line.trim(), LINE);
            let _ = write!(shown, "\n  in line {number}: {line}");
        }
        shown
    }
}

impl fmt::Display for Review {
    fn fmt(&self, formatter: &mut fmt::Formatter<'_>) -> fmt::Result {
        formatter.write_str("The script asks to call:\n")?;
        for call in &self.calls {
            writeln!(formatter, "- {}", self.shown(call))?;
        }
        write!(formatter, "{}", AlreadyCalled(&self.already))
    }
}

/// The calls that were made before.
struct AlreadyCalled<'c>(&'c [CallRecord]);

impl fmt::Display for AlreadyCalled<'_> {
    fn fmt(&self, formatter: &mut fmt::Formatter<'_>) -> fmt::Result {
        if self.0.is_empty() {
            return formatter.write_str("It has called nothing before.\n");
        }
        formatter.write_str("It has already called:\n")?;
        let earlier = self.0.len().saturating_sub(LATEST);
        if earlier > 0 {
            writeln!(formatter, "- … {earlier} earlier calls")?;
        }
        self.0
            .iter()
            .skip(earlier)
            .try_for_each(|call| writeln!(formatter, "- {}", text::line(&call.to_string(), LINE)))
    }
}

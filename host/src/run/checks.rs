//! Type checks on the way to a run.

use std::collections::VecDeque;

use super::report::Progress;
use crate::account::stop::{Stop, Stops};
use crate::check::{Check, CheckLimits, CheckRules, Declarations, Diagnostics};
use crate::embed::Inputs;
use crate::error::{Error, ErrorKind};
use crate::host::Host;

/// The most of a session's code that is kept for checks, in bytes. Beyond, the oldest
/// snippets are forgotten, and undefined names are no longer reported.
const MAX_HISTORY: usize = 256 << 10;

/// How scripts are checked before they run.
#[derive(Clone, Debug, Default)]
pub(super) struct Checks {
    pub(super) rules: CheckRules,
    pub(super) limits: CheckLimits,
}

impl Checks {
    /// Advice, unless the source is rejected or the run must stop before it began.
    pub(super) async fn run(&self, check: Check, stops: &Stops) -> Result<Diagnostics, Error> {
        let check = check.rules(self.rules.clone()).limits(self.limits.clone());
        let diagnostics = tokio::select! {
            biased;
            () = stops.raised() => return Err(stops.reason().unwrap_or(Stop::Interrupted).into()),
            diagnostics = check.run() => diagnostics?,
        };
        if diagnostics.errors().next().is_some() {
            return Err(Error::rejected(diagnostics));
        }
        Ok(diagnostics)
    }
}

/// Puts advice beside the end of a run.
pub(super) fn advised(
    progress: Result<Progress, Error>,
    advice: Option<Diagnostics>,
) -> Result<Progress, Error> {
    match progress {
        Ok(Progress::Finished(mut report)) => {
            report.diagnostics = advice.unwrap_or_default();
            Ok(Progress::Finished(report))
        }
        Ok(suspended) => Ok(suspended),
        Err(error) => Err(error.with_advice(advice)),
    }
}

/// What a session ran, for the checks of its next snippets.
#[derive(Debug)]
pub(super) struct History {
    pub(super) checks: Checks,
    host: Host,
    /// What inputs so far declare.
    inputs: Declarations,
    snippets: VecDeque<Snippet>,
    bytes: usize,
}

#[derive(Debug)]
struct Snippet {
    source: String,
    failed_line: Option<u32>,
}

impl History {
    pub(super) fn new(checks: Checks, host: Host) -> Self {
        Self {
            checks,
            host,
            inputs: Declarations::new(),
            snippets: VecDeque::new(),
            bytes: 0,
        }
    }

    /// Remembers the inputs of a snippet.
    pub(super) fn add_inputs(&mut self, inputs: &Inputs) {
        for (name, ty) in inputs.types() {
            self.inputs = std::mem::take(&mut self.inputs).with_name(name, &ty);
        }
    }

    /// A check that knows what ran so far.
    pub(super) fn after(&self, check: Check) -> Check {
        let check = check.host(&self.host).declarations(self.inputs.clone());
        self.snippets.iter().fold(check, |check, snippet| {
            let source = snippet.source.as_str();
            match snippet.failed_line {
                None => check.after(source),
                Some(line) => check.after_failed(source, line),
            }
        })
    }

    /// Remembers a snippet, as far as it ran.
    pub(super) fn add(&mut self, source: String, error: Option<&Error>) {
        let failed_line = match error {
            None => None,
            Some(error) => match error.kind() {
                // It did not begin.
                ErrorKind::Source | ErrorKind::Request | ErrorKind::Check | ErrorKind::Busy => {
                    return;
                }
                // Without a traceback, nobody knows how far it came.
                _ => match line_of(error) {
                    Some(line) => Some(line),
                    None => {
                        self.open();
                        None
                    }
                },
            },
        };
        self.bytes += source.len();
        self.snippets.push_back(Snippet {
            source,
            failed_line,
        });
        while self.bytes > MAX_HISTORY {
            let Some(forgotten) = self.snippets.pop_front() else {
                break;
            };
            self.bytes -= forgotten.source.len();
            self.open();
        }
    }

    /// Names may be defined that this knows nothing of.
    pub(super) fn open(&mut self) {
        self.inputs = std::mem::take(&mut self.inputs).open_names();
    }
}

/// The line of a snippet's statement that raised: that of the outermost frame.
fn line_of(error: &Error) -> Option<u32> {
    let frame = error.exception_report()?.traceback.first()?;
    Some(frame.start.line)
}

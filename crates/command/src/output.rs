//! What the command prints.

use std::borrow::Cow;
use std::error::Error as _;
use std::fmt::Display;
use std::io;
use std::time::{Duration, Instant};

use monty_code_mode::AgentTool;
use monty_document::{
    Document, Failure, Layout, Outcome, Printed, Statistics, Suspended, Waiting, shortened,
};
use monty_host::check::DiagnosticFormat;
use monty_host::{Error, ErrorKind, Progress, Report, Stream, Suspension, Value};

use crate::console;
use crate::exit::{self, READER_LEFT, SUCCESS, SUSPENDED, UNWRITTEN};
use crate::snapshots::{Saved, SnapshotStore};
use crate::suggestion::with_suggestion;

/// How the end of a script is shown.
pub struct Form {
    /// As one JSON document.
    pub json: bool,
    /// How many bytes the prints and the value may have as text.
    pub output_bytes: Option<u64>,
    /// When the script began.
    pub began: Instant,
    /// What it could call.
    pub tools: Vec<AgentTool>,
}

/// Writes text to standard output, and says if that failed.
pub fn write_out(text: &str) -> u8 {
    console::out(text).map_or_else(|error| unwritten(&error), |()| SUCCESS)
}

/// Says that output could not be written, unless its reader has left.
pub fn unwritten(error: &io::Error) -> u8 {
    if error.kind() == io::ErrorKind::BrokenPipe {
        return READER_LEFT;
    }
    failed(
        UNWRITTEN,
        &format_args!("the output cannot be written: {error}"),
    )
}

/// Shows an error of the command line or the sandbox.
pub fn failed(code: u8, error: &dyn Display) -> u8 {
    console::err(format_args!("error: {error}\n"));
    code
}

/// The exit code for an error.
pub fn code(error: &Error) -> u8 {
    exit::of_kind(error.kind().name())
}

/// Shows an error of a command that has run nothing.
pub fn refused(error: &Error, json: bool) -> u8 {
    if json {
        return write_refusal(error.kind().name(), error.summary());
    }
    failed(code(error), error)
}

/// Shows what is wrong with the command line, as a document.
pub fn write_refusal(kind: &str, message: String) -> u8 {
    write_document(&Document::refused(kind, message)).unwrap_or_else(|error| unwritten(&error))
}

/// What [`Console`](console::Console) could not do, if that ended the script.
pub fn write_error(error: &Error) -> Option<&io::Error> {
    match error.kind() {
        ErrorKind::Host => error.source()?.downcast_ref(),
        _ => None,
    }
}

/// Shows what a script has come to, and keeps it if it is suspended.
pub fn ended(result: Result<Progress, Error>, store: Option<&SnapshotStore>, form: &Form) -> u8 {
    let shown = match (result, store) {
        (Ok(Progress::Suspended(suspension)), Some(store)) => {
            match store.save(&suspension.snapshot, &suspension.calls) {
                Ok(saved) => show_suspended(&suspension, &saved, form),
                Err(error) => show_failed(&error, form),
            }
        }
        (result, _) => match result.and_then(Progress::finished) {
            Ok(report) => show_finished(&report, form),
            Err(error) => show_failed(&error, form),
        },
    };
    shown.unwrap_or_else(|error| unwritten(&error))
}

fn show_suspended(suspension: &Suspension, saved: &Saved<'_>, form: &Form) -> io::Result<u8> {
    if !form.json {
        console::err(saved.message());
        return Ok(SUSPENDED);
    }
    let outcome = Outcome::Suspended(Suspended {
        snapshot: saved.path.display().to_string(),
        calls: saved.calls.iter().map(waiting).collect(),
        resume: saved.command(),
    });
    let printed = Some(&suspension.printed);
    form.write(outcome, printed, Some(&suspension.statistics))
}

fn waiting(call: &monty_host::Call) -> Waiting<'_> {
    Waiting {
        id: call.id,
        name: &call.name,
        positional: &call.positional,
        keyword: &call.keyword,
    }
}

fn show_finished(report: &Report, form: &Form) -> io::Result<u8> {
    if !form.json {
        return show_value(&report.value, room(form.output_bytes, &report.statistics));
    }
    let outcome = Outcome::Value(&report.value);
    form.write(outcome, Some(&report.printed), Some(&report.statistics))
}

fn show_failed(error: &Error, form: &Form) -> io::Result<u8> {
    if let Some(error) = write_error(error) {
        return Ok(unwritten(error));
    }
    if !form.json {
        show_error(error, form.output_bytes, &form.tools);
        return Ok(code(error));
    }
    let diagnostics = error.diagnostics().and_then(|found| {
        // The library writes them as text alone.
        serde_json::from_str(&found.render(DiagnosticFormat::Json)).ok()
    });
    let report = error.exception_report();
    let report = report.map(|report| with_suggestion(report, &form.tools));
    let outcome = Outcome::Failure(Failure {
        kind: error.kind().name(),
        limit: error.limit().map(monty_host::Limit::name),
        message: error.summary().into(),
        exception: report.as_deref(),
        diagnostics,
    });
    form.write(outcome, error.printed(), error.statistics())
}

impl Form {
    /// Writes the document of a run, and gives the exit code.
    fn write(
        &self,
        outcome: Outcome<'_>,
        printed: Option<&monty_host::Printed>,
        statistics: Option<&monty_host::Statistics>,
    ) -> io::Result<u8> {
        let on = |stream| printed.map_or(Cow::Borrowed(""), |printed| printed.on(stream).into());
        write_document(&Document {
            outcome,
            printed: Printed {
                stdout: on(Stream::Stdout),
                stderr: on(Stream::Stderr),
            },
            statistics: statistics.map_or_else(Statistics::default, |statistics| {
                numbers(statistics, self.began.elapsed())
            }),
            max_bytes: self.output_bytes.unwrap_or(u64::MAX),
        })
    }
}

fn write_document(document: &Document<'_>) -> io::Result<u8> {
    let written = document.write(Layout::Pretty);
    // Nothing in it controls a terminal.
    console::out(&written.text)?;
    Ok(written.exit_code)
}

fn numbers(statistics: &monty_host::Statistics, elapsed: Duration) -> Statistics {
    let micros = |time: Duration| u64::try_from(time.as_micros()).ok();
    Statistics {
        elapsed_micros: micros(elapsed),
        python_micros: micros(statistics.python_time),
        host_micros: micros(statistics.host_time),
        wait_micros: micros(statistics.wait_time),
        calls: Some(statistics.calls),
        peak_memory_bytes: u64::try_from(statistics.peak_memory_bytes).ok(),
        peak_host_memory_bytes: Some(statistics.peak_host_memory_bytes),
        output_bytes: Some(statistics.output_bytes),
    }
}

/// How many bytes of text are left for a value after what was printed.
pub fn room(output_bytes: Option<u64>, used: &monty_host::Statistics) -> usize {
    let left = output_bytes.map(|limit| limit.saturating_sub(used.output_bytes));
    left.and_then(|left| usize::try_from(left).ok())
        .unwrap_or(usize::MAX)
}

/// Shows the value of the last line, unless it is `None`, and gives the exit
/// code.
pub fn show_value(value: &Value, room: usize) -> io::Result<u8> {
    if matches!(value, Value::None) {
        return Ok(SUCCESS);
    }
    match value.repr_within(room) {
        Ok(repr) => {
            console::out(&format!("{repr}\n"))?;
            Ok(SUCCESS)
        }
        Err(error) => {
            let error = Error::from(error);
            console::err(format_args!("error: {error}\n"));
            Ok(code(&error))
        }
    }
}

/// The room that an exception has even if the prints left less.
const MIN_EXCEPTION_BYTES: usize = 16 << 10;

/// Shows an error of a run: a traceback, cut where it exceeds the limit on
/// output, or one line.
pub fn show_error(error: &Error, output_bytes: Option<u64>, tools: &[AgentTool]) {
    let Some(report) = error.exception_report() else {
        return console::err(format_args!("error: {error}\n"));
    };
    let report = &*with_suggestion(report, tools);
    let used = error.statistics();
    let room = used.map_or(usize::MAX, |used| room(output_bytes, used));
    let mut text = shortened(report, room.max(MIN_EXCEPTION_BYTES));
    if let Some(hint) = &report.hint {
        text.push_str(&format!("\nhint: {}", hint.advice));
    }
    if let Some(limit) = error.limit() {
        text.push_str(&format!("\nerror: stopped by the {limit} limit"));
    }
    text.push('\n');
    console::err(text);
}

//! What the command prints.

use std::error::Error as _;
use std::fmt::{self, Display, Write as _};
use std::io;

use monty_host::{
    Call, Error, ErrorKind, ExceptionReport, Frame, Printed, Progress, Report, Statistics, Stream,
    Suspension, Value,
};
use serde_json::{Value as Json, json};

use crate::console;
use crate::exit::{LIMIT, READER_LEFT, SANDBOX, SCRIPT, SUCCESS, SUSPENDED, UNWRITTEN, USAGE};
use crate::snapshots::{Saved, SnapshotStore};

/// How the end of a script is shown.
#[derive(Clone, Copy)]
pub struct Form {
    /// As one JSON document.
    pub json: bool,
    /// How many bytes the prints and the value may have as text.
    pub output_bytes: Option<u64>,
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
    match error.kind() {
        ErrorKind::Script | ErrorKind::Source | ErrorKind::Check => SCRIPT,
        ErrorKind::Request => USAGE,
        ErrorKind::Limit => LIMIT,
        _ => SANDBOX,
    }
}

/// What [`Console`](console::Console) could not do, if that ended the script.
pub fn write_error(error: &Error) -> Option<&io::Error> {
    match error.kind() {
        ErrorKind::Host => error.source()?.downcast_ref(),
        _ => None,
    }
}

/// Shows what a script has come to, and keeps it if it is suspended.
pub fn ended(result: Result<Progress, Error>, store: Option<&SnapshotStore>, form: Form) -> u8 {
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

fn show_suspended(suspension: &Suspension, saved: &Saved<'_>, form: Form) -> io::Result<u8> {
    if form.json {
        console::out_json(&suspended(suspension, saved))?;
    } else {
        console::err(saved.message());
    }
    Ok(SUSPENDED)
}

fn show_finished(report: &Report, form: Form) -> io::Result<u8> {
    let room = room(form.output_bytes, &report.statistics);
    if !form.json {
        return show_value(&report.value, room);
    }
    let printed = Some(&report.printed);
    let statistics = Some(&report.statistics);
    let (document, code) = match value_document(&report.value, room) {
        Ok((value, repr)) => (
            json!({
                "value": value,
                "repr": repr,
                "printed": shown_prints(printed),
                "statistics": numbers(statistics),
            }),
            SUCCESS,
        ),
        Err(error) => (error_document(&error, printed, statistics), code(&error)),
    };
    console::out_json(&document)?;
    Ok(code)
}

fn show_failed(error: &Error, form: Form) -> io::Result<u8> {
    if let Some(error) = write_error(error) {
        return Ok(unwritten(error));
    }
    if form.json {
        let document = error_document(error, error.printed(), error.statistics());
        console::out_json(&document)?;
    } else {
        show_error(error, form.output_bytes);
    }
    Ok(code(error))
}

/// How many bytes of text are left for a value after what was printed.
pub fn room(output_bytes: Option<u64>, used: &Statistics) -> usize {
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
pub fn show_error(error: &Error, output_bytes: Option<u64>) {
    let Some(report) = error.exception_report() else {
        return console::err(format_args!("error: {error}\n"));
    };
    let used = error.statistics();
    let room = used.map_or(usize::MAX, |used| room(output_bytes, used));
    let mut text = shortened(report, room.max(MIN_EXCEPTION_BYTES));
    if let Some(hint) = error.hint() {
        text.push_str(&format!("\nhint: {}", hint.advice));
    }
    if let Some(limit) = error.limit() {
        text.push_str(&format!("\nerror: stopped by the {limit} limit"));
    }
    text.push('\n');
    console::err(text);
}

/// The document of `--json` for a script that is suspended.
fn suspended(suspension: &Suspension, saved: &Saved<'_>) -> Json {
    let call = |call: &Call| {
        let keyword = call.keyword.iter();
        json!({
            "id": call.id,
            "name": call.name,
            "positional": call.positional.iter().map(json).collect::<Vec<_>>(),
            "keyword": keyword
                .map(|(name, value)| (name.clone(), json(value)))
                .collect::<serde_json::Map<_, _>>(),
        })
    };
    json!({
        "suspended": {
            "snapshot": saved.path.display().to_string(),
            "calls": saved.calls.iter().map(call).collect::<Vec<_>>(),
            "resume": saved.command(),
        },
        "printed": shown_prints(Some(&suspension.printed)),
        "statistics": numbers(Some(&suspension.statistics)),
    })
}

/// A value as JSON, or as Python shows it if it has no JSON form.
pub fn json(value: &Value) -> Json {
    value.to_json().unwrap_or_else(|_| json!(value.to_string()))
}

/// A value for a document: as JSON, or as Python shows it if JSON cannot hold
/// it.
fn value_document(value: &Value, room: usize) -> Result<(Json, Json), Error> {
    match value.to_json_within(room) {
        // Indented, it is longer.
        Ok(value) if serde_json::to_writer_pretty(Room(room), &value).is_ok() => {
            Ok((value, Json::Null))
        }
        Ok(_) => Err(Error::from(monty_host::value::Error::too_long(
            "JSON", room,
        ))),
        Err(error) if error.is_too_long() => Err(error.into()),
        Err(_) => Ok((Json::Null, json!(value.repr_within(room)?))),
    }
}

/// The longest message in a document: as JSON it may be six times that.
const MAX_MESSAGE_BYTES: usize = 1 << 20;

/// Takes so many bytes, and keeps none.
struct Room(usize);

impl io::Write for Room {
    fn write(&mut self, bytes: &[u8]) -> io::Result<usize> {
        let left = self.0.checked_sub(bytes.len());
        self.0 = left.ok_or(io::ErrorKind::FileTooLarge)?;
        Ok(bytes.len())
    }

    fn flush(&mut self) -> io::Result<()> {
        Ok(())
    }
}

/// The document of `--json` for a script that has no value.
fn error_document(
    error: &Error,
    printed: Option<&Printed>,
    statistics: Option<&Statistics>,
) -> Json {
    json!({
        "error": {
            "kind": error.kind().name(),
            "limit": error.limit().map(monty_host::Limit::name),
            "type": error.exception().map(|exception| &exception.type_name),
            "message": message(error),
            "traceback": error.exception_report().map(traceback),
            "hint": error.hint().map(|hint| json!({
                "code": hint.code,
                "advice": hint.advice,
            })),
        },
        "printed": shown_prints(printed),
        "statistics": numbers(statistics),
    })
}

/// The message, of which a script decides the length: cut where it is too long
/// for a document.
fn message(error: &Error) -> Option<String> {
    Some(match error.exception() {
        Some(exception) => shortened(exception.message.as_ref()?, MAX_MESSAGE_BYTES),
        None => shortened(error.summary(), MAX_MESSAGE_BYTES),
    })
}

/// Text of at most so many bytes, and how many there are more.
fn shortened(text: impl Display, max_bytes: usize) -> String {
    let mut start = Start {
        text: String::new(),
        room: max_bytes,
        more: 0,
    };
    // It takes everything.
    let _ = write!(start, "{text}");
    let Start { mut text, more, .. } = start;
    if more > 0 {
        text.push_str(&format!("… ({more} more bytes)"));
    }
    text
}

/// Keeps the start of a text, and counts the rest.
struct Start {
    text: String,
    room: usize,
    more: usize,
}

impl fmt::Write for Start {
    fn write_str(&mut self, text: &str) -> fmt::Result {
        let (kept, rest) = text.split_at(text.floor_char_boundary(self.room));
        self.text.push_str(kept);
        // What does not fit is the end, even if something shorter follows.
        self.room = if rest.is_empty() {
            self.room - kept.len()
        } else {
            0
        };
        self.more += rest.len();
        Ok(())
    }
}

fn traceback(report: &ExceptionReport) -> Json {
    report.traceback.iter().map(frame).collect()
}

fn frame(frame: &Frame) -> Json {
    json!({
        "filename": frame.filename,
        "line": frame.start.line,
        "column": frame.start.column,
        "function": frame.function,
        "source_line": frame.source_line,
        "repeated": frame.repeated,
    })
}

fn shown_prints(printed: Option<&Printed>) -> Json {
    let on = |stream| {
        printed
            .map(|printed| printed.on(stream))
            .unwrap_or_default()
    };
    json!({ "stdout": on(Stream::Stdout), "stderr": on(Stream::Stderr) })
}

fn numbers(statistics: Option<&Statistics>) -> Json {
    statistics.map_or(Json::Null, |statistics| {
        json!({
            "python_micros": statistics.python_time.as_micros(),
            "host_micros": statistics.host_time.as_micros(),
            "wait_micros": statistics.wait_time.as_micros(),
            "calls": statistics.calls,
            "peak_memory_bytes": statistics.peak_memory_bytes,
            "peak_host_memory_bytes": statistics.peak_host_memory_bytes,
            "output_bytes": statistics.output_bytes,
        })
    })
}

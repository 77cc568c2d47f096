//! Exceptions in both directions, and why a script failed.

use monty_types::{
    CodeLoc, ExcData, ExcType, MontyException, ResourceTracker, StackFrame, UnicodeErrorObject,
};
use monty_value::types::{
    DocumentDetail, Exception, ExceptionDetail, ExceptionReport, Frame, Location, UnicodeDetail,
};

use crate::{
    bindings::exports::monty::sandbox::interpreter::{Failure, Limit, LimitExceeded},
    hints,
    origin::Origin,
};

/// How much source a traceback carries. A recursion through long lines would
/// otherwise repeat them in every frame.
const MAX_SOURCE_BYTES: usize = 256 * 1024;

/// What Monty says of a script that awaits a call of an earlier piece of code
/// beside others.
const STALLED: &str = "Internal error in monty: asyncio scheduler stalled";

/// What is said of a script that awaits a call which is no longer under way.
pub const NOBODY_ANSWERS: &str = "the script awaits a call that nobody answers any more";

/// An exception without a traceback, to be raised in the script.
pub fn raise(exc_type: ExcType, message: impl Into<String>) -> MontyException {
    MontyException::new(exc_type, Some(message.into()))
}

/// An exception of the host, to be raised in the script.
pub fn from_host(exception: Exception) -> MontyException {
    match exception.type_name.parse::<ExcType>() {
        Ok(exc_type) => MontyException::new(exc_type, exception.message),
        Err(_) => {
            let message = match exception.message {
                Some(message) => format!("{}: {message}", exception.type_name),
                None => exception.type_name,
            };
            raise(ExcType::RuntimeError, message)
        }
    }
}

/// An exception that ended the script, for the host.
pub fn report(mut exception: MontyException, origin: &Origin) -> ExceptionReport {
    let detail = detail(exception.take_data());
    let traceback = frames(exception.traceback(), origin);
    let type_name = exception.exc_type().to_string();
    let message = exception
        .into_message()
        .map(|message| match message.strip_prefix(STALLED) {
            Some(_) => NOBODY_ANSWERS.to_owned(),
            None => message,
        });
    let exception = Exception { type_name, message };
    let hint = hints::hint(&exception);
    ExceptionReport {
        exception,
        traceback,
        detail,
        hint,
    }
}

/// Why a script that raised has no result: a limit, if this is the exception
/// that the interpreter raises for one, and the script otherwise.
pub fn failure(exception: MontyException, tracker: &ResourceTracker, origin: &Origin) -> Failure {
    let limit = exceeded_limit(&exception, tracker);
    let mut report = report(exception, origin);
    // To the interpreter each snippet is a feed, to a reader it is time.
    if let (Some(Limit::Duration), Some(message)) = (&limit, &mut report.exception.message)
        && let Some(rest) = message.strip_prefix("feed ")
    {
        *message = rest.to_owned();
    }
    match limit {
        Some(limit) => Failure::LimitExceeded(LimitExceeded { limit, report }),
        None => Failure::Raised(report),
    }
}

/// The limit that raised this exception, told by the text that
/// `monty_types::ResourceError` gives it: the interpreter does not say
/// otherwise. A script that raises the same text does not pass for the limits
/// of time and memory, which no script can catch and raise again. It does for
/// the limit of recursion, which a script may catch: Monty forgets where an
/// exception comes from that went through a handler.
fn exceeded_limit(exception: &MontyException, tracker: &ResourceTracker) -> Option<Limit> {
    let message = exception.message()?;
    match exception.exc_type() {
        ExcType::TimeoutError => {
            let is_limit = message.starts_with("feed time limit exceeded: ")
                && tracker.feed_elapsed() > tracker.max_feed_duration()?;
            is_limit.then_some(Limit::Duration)
        }
        ExcType::MemoryError => {
            let limit = format!(" bytes > {} bytes", tracker.max_memory()?);
            let is_limit = message.starts_with("memory limit exceeded: ")
                && message.ends_with(&limit)
                && !is_raised_by_statement(exception);
            is_limit.then_some(Limit::Memory)
        }
        ExcType::RecursionError => {
            (message == "maximum recursion depth exceeded").then_some(Limit::Recursion)
        }
        _ => None,
    }
}

/// Whether a statement of the script raised an exception, or a handler let it
/// pass: Monty then shows the line without carets, as CPython does.
fn is_raised_by_statement(exception: &MontyException) -> bool {
    exception
        .traceback()
        .last()
        .is_some_and(|innermost| innermost.hide_caret)
}

fn detail(data: ExcData) -> Option<ExceptionDetail> {
    match data {
        ExcData::None => None,
        ExcData::Unicode(data) => Some(ExceptionDetail::Unicode(UnicodeDetail {
            encoding: data.encoding,
            object: match data.object {
                UnicodeErrorObject::Bytes(bytes) => bytes,
                UnicodeErrorObject::Str(text) => text.into_bytes(),
            },
            start: data.start as u64,
            end: data.end as u64,
            reason: data.reason,
        })),
        ExcData::Json(data) => Some(ExceptionDetail::Document(DocumentDetail {
            message: data.msg,
            document: data.doc,
            position: data.pos as u64,
            line: data.lineno as u64,
            column: data.colno as u64,
        })),
    }
}

/// The frames, with a run of equal ones as one frame.
fn frames(traceback: &[StackFrame], origin: &Origin) -> Vec<Frame> {
    let mut source_bytes = 0;
    traceback
        .chunk_by(|frame, next| frame == next)
        .filter_map(|run| {
            let frame = run.first()?;
            source_bytes += frame.preview_line.as_ref().map_or(0, |line| line.len());
            Some(Frame {
                filename: origin.source_name(frame.filename.clone()),
                start: location(frame.start),
                end: location(frame.end),
                function: frame.frame_name.clone(),
                source_line: frame
                    .preview_line
                    .as_deref()
                    .filter(|_| source_bytes <= MAX_SOURCE_BYTES)
                    .map(str::to_owned),
                hide_caret: frame.hide_caret,
                hide_function: frame.hide_frame_name,
                repeated: u32::try_from(run.len()).unwrap_or(u32::MAX),
            })
        })
        .collect()
}

fn location(location: CodeLoc) -> Location {
    Location {
        line: location.line,
        column: location.column,
    }
}

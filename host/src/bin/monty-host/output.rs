//! What the command prints.

use std::fmt::Display;
use std::io::Write;

use monty_host::{Error, Exception, Frame, Report, Statistics, Stream};
use serde_json::{Value as Json, json};

use crate::{SANDBOX, SUCCESS};

/// Writes text to standard output, and says if that failed.
pub fn write_out(text: &str) -> u8 {
    let mut stdout = std::io::stdout().lock();
    match stdout
        .write_all(text.as_bytes())
        .and_then(|()| stdout.flush())
    {
        Ok(()) => SUCCESS,
        Err(_) => SANDBOX,
    }
}

/// Writes a JSON document to standard output.
pub fn write_json(document: &Json) -> u8 {
    write_out(&format!("{document:#}\n"))
}

/// Shows an error of the command line or the sandbox.
pub fn failed(code: u8, error: &dyn Display) -> u8 {
    eprintln!("error: {error}");
    code
}

/// Shows an error of a run: a traceback, or one line.
pub fn show_error(error: &Error) {
    match error.limit() {
        Some(limit) if error.exception().is_some() => {
            eprintln!("{error}\nerror: stopped by the {limit} limit");
        }
        None if error.exception().is_some() => {
            eprintln!("{error}");
            if let Some(hint) = error.hint() {
                eprintln!("hint: {}", hint.advice);
            }
        }
        _ => eprintln!("error: {error}"),
    }
}

/// The document of `--json`.
pub fn document(result: &Result<Report, Error>) -> Json {
    match result {
        Ok(report) => {
            let (value, repr) = match report.value.to_json() {
                Ok(value) => (value, Json::Null),
                // What JSON cannot hold is not lost: it is there as Python shows it.
                Err(_) => (Json::Null, json!(report.value.to_string())),
            };
            json!({
                "value": value,
                "repr": repr,
                "output": printed(Some(&report.printed)),
                "statistics": statistics(Some(&report.statistics)),
            })
        }
        Err(error) => json!({
            "error": {
                "kind": error.kind().name(),
                "limit": error.limit().map(monty_host::Limit::name),
                "type": error.exception().map(|exception| &exception.type_name),
                "message": message(error),
                "traceback": error.exception().map(traceback),
                "hint": error.hint().map(|hint| json!({
                    "code": hint.code,
                    "advice": hint.advice,
                })),
            },
            "output": printed(error.printed()),
            "statistics": statistics(error.statistics()),
        }),
    }
}

fn message(error: &Error) -> Option<String> {
    match error.exception() {
        Some(exception) => exception.message.clone(),
        None => Some(error.summary()),
    }
}

fn traceback(exception: &Exception) -> Json {
    exception.traceback.iter().map(frame).collect()
}

fn frame(frame: &Frame) -> Json {
    json!({
        "file": frame.filename,
        "line": frame.start.line,
        "column": frame.start.column,
        "function": frame.function,
        "source": frame.source_line,
        "repeated": frame.repeated,
    })
}

fn printed(printed: Option<&monty_host::Printed>) -> Json {
    let on = |stream| {
        printed
            .map(|printed| printed.on(stream))
            .unwrap_or_default()
    };
    json!({ "stdout": on(Stream::Stdout), "stderr": on(Stream::Stderr) })
}

fn statistics(statistics: Option<&Statistics>) -> Json {
    statistics.map_or(Json::Null, |statistics| {
        json!({
            "python_micros": statistics.python_time.as_micros(),
            "host_micros": statistics.host_time.as_micros(),
            "calls": statistics.calls,
            "peak_memory_bytes": statistics.peak_memory_bytes,
            "output_bytes": statistics.output_bytes,
        })
    })
}

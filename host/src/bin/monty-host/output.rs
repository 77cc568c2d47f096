//! What the command prints.

use std::fmt::Display;
use std::io::Write;
use std::path::Path;

use monty_host::{
    Call, Error, ErrorKind, Exception, Frame, Progress, Report, Statistics, Stream, Suspension,
    Value,
};
use serde_json::{Value as Json, json};

use crate::durable::{Saved, SnapshotStore};
use crate::{LIMIT, SANDBOX, SCRIPT, SUCCESS, SUSPENDED, USAGE};

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

/// The exit code for an error.
pub fn code(error: &Error) -> u8 {
    match error.kind() {
        ErrorKind::Script | ErrorKind::Source => SCRIPT,
        ErrorKind::Request => USAGE,
        ErrorKind::Limit => LIMIT,
        _ => SANDBOX,
    }
}

/// Shows what a script has come to, and keeps it if it is suspended.
pub fn ended(result: Result<Progress, Error>, store: Option<&SnapshotStore>, json: bool) -> u8 {
    let result = match (result, store) {
        (Ok(Progress::Suspended(suspension)), Some(store)) => {
            match store.save(&suspension.snapshot, &suspension.calls) {
                Ok(saved) if json => {
                    write_json(&suspended(&suspension, &saved));
                    return SUSPENDED;
                }
                Ok(saved) => {
                    eprint!("{}", saved.message());
                    return SUSPENDED;
                }
                Err(error) => Err(error),
            }
        }
        (result, _) => result.and_then(Progress::finished),
    };
    match &result {
        _ if json => {
            write_json(&document(&result));
        }
        Ok(report) => {
            show_value(&report.value);
        }
        Err(error) => show_error(error),
    }
    result.as_ref().map_or_else(code, |_| SUCCESS)
}

/// Shows the value of the last line, unless it is `None`.
pub fn show_value(value: &Value) {
    if !matches!(value, Value::None) {
        write_out(&format!("{value}\n"));
    }
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
        "output": printed(Some(&suspension.printed)),
        "statistics": statistics(Some(&suspension.statistics)),
    })
}

/// A value as JSON, or as Python shows it if it has no JSON form.
pub fn json(value: &Value) -> Json {
    value.to_json().unwrap_or_else(|_| json!(value.to_string()))
}

/// The document of `--json`.
fn document(result: &Result<Report, Error>) -> Json {
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

/// A path as the shell takes it.
pub fn quoted(path: &Path) -> String {
    let path = path.display().to_string();
    let is_plain = |character: char| character.is_alphanumeric() || "-_./+,:@%".contains(character);
    if !path.is_empty() && path.chars().all(is_plain) {
        path
    } else {
        format!("'{}'", path.replace('\'', r"'\''"))
    }
}

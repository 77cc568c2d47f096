//! What became of a run, as JSON: the document of `monty-host run --json`,
//! with those statistics that can be taken from in here.

use monty_value::types::{Exception, Frame};
use serde_json::{Value as Json, json};

use crate::print_capture::Printed;
use crate::run::{Error, Report};

/// The document.
pub fn document(report: &Report) -> Json {
    let mut document = match &report.result {
        Ok(value) => {
            let (value, repr) = match value.to_json() {
                Ok(value) => (value, Json::Null),
                // What JSON cannot hold is not lost: it is there as Python shows it.
                Err(_) => (Json::Null, json!(value.to_string())),
            };
            json!({ "value": value, "repr": repr })
        }
        Err(found) => json!({ "error": error(found) }),
    };
    if let Json::Object(entries) = &mut document {
        entries.insert("output".to_owned(), output(report.printed.as_ref()));
        entries.insert("statistics".to_owned(), statistics(report));
    }
    document
}

fn error(error: &Error) -> Json {
    let exception = error.exception();
    json!({
        "kind": error.kind(),
        "limit": match error {
            Error::Limit(limit, _) => Some(limit),
            _ => None,
        },
        "type": exception.map(|exception| &exception.type_name),
        "message": match error {
            Error::Request(message) | Error::Sandbox(message) => Some(message),
            Error::Script(exception) | Error::Source(exception) | Error::Limit(_, exception) => {
                exception.message.as_ref()
            }
        },
        "traceback": exception.map(traceback),
        "hint": exception.and_then(|exception| exception.hint.as_ref()).map(|hint| json!({
            "code": hint.code,
            "advice": hint.advice,
        })),
    })
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

fn output(printed: Option<&Printed>) -> Json {
    printed.map_or(Json::Null, |printed| {
        json!({
            "stdout": printed.stdout,
            "stderr": printed.stderr,
            "truncated": printed.truncated,
        })
    })
}

fn statistics(report: &Report) -> Json {
    let output_bytes = report
        .printed
        .as_ref()
        .map(|printed| printed.stdout.len() + printed.stderr.len());
    json!({
        "elapsed_micros": u64::try_from(report.elapsed.as_micros()).unwrap_or(u64::MAX),
        "output_bytes": output_bytes,
    })
}

//! The outcome of a run as text: the document of `monty-host run --json`, with
//! the statistics that can be measured in here, and the value as Python shows
//! it. Neither takes more bytes than the run's output limit.

use std::fmt::{Display, Write};

use monty_value::Value;
use monty_value::types::{ExceptionReport, Frame, Hint};
use serde::ser::SerializeMap;
use serde::{Serialize, Serializer};
use serde_json::ser::{CompactFormatter, Formatter, PrettyFormatter};

use crate::capped::{Capped, Meter, Metered, Part};
use crate::print_capture::Printed;
use crate::run::{Error, Report};

/// The layout of a document.
#[derive(Clone, Copy, Debug)]
pub enum Layout {
    /// On one line.
    Compact,
    /// Indented.
    Pretty,
}

impl Report {
    /// The run as a JSON document with a line break at the end.
    ///
    /// The value or the exception and the prints take at most
    /// `Limits::output_bytes` in it. If they do not fit, [`Report::result`]
    /// becomes [`Error::Output`], and the document is that error's.
    pub fn to_json(&mut self, layout: Layout) -> Vec<u8> {
        self.try_json(layout).unwrap_or_else(|part| {
            self.result = Err(Error::too_large(part, self.output_bytes));
            self.shorten_prints();
            // It fits now: only the prints are metered, and were shortened.
            self.try_json(layout).unwrap_or_default()
        })
    }

    fn try_json(&self, layout: Layout) -> Result<Vec<u8>, Part> {
        match &self.result {
            Ok(value) => match self.write(layout, Outcome::Json(value)) {
                // A value that JSON cannot hold is not lost: it is included as
                // Python shows it.
                Err(Failure::NoForm) => self.write(layout, Outcome::Repr(value)),
                written => written,
            },
            Err(error) => self.write(layout, Outcome::Error(error)),
        }
        .map_err(|failure| match failure {
            Failure::TooLarge(part) => part,
            Failure::NoForm => Part::Value,
        })
    }

    fn write(&self, layout: Layout, outcome: Outcome<'_>) -> Result<Vec<u8>, Failure> {
        match layout {
            Layout::Compact => self.write_as(CompactFormatter, outcome),
            Layout::Pretty => self.write_as(PrettyFormatter::new(), outcome),
        }
    }

    fn write_as(&self, layout: impl Formatter, outcome: Outcome<'_>) -> Result<Vec<u8>, Failure> {
        let meter = Meter::new(self.output_bytes);
        let mut text = Capped::new(&meter);
        let document = Document {
            report: self,
            outcome,
            meter: &meter,
        };
        let mut serializer = serde_json::Serializer::with_formatter(&mut text, layout);
        match document.serialize(&mut serializer) {
            Ok(()) => {
                let mut text = text.into_bytes();
                text.push(b'\n');
                Ok(text)
            }
            Err(error) if error.is_io() => {
                Err(Failure::TooLarge(meter.part().unwrap_or(Part::Value)))
            }
            Err(_) => Err(Failure::NoForm),
        }
    }

    /// Truncates the prints to fit the document.
    fn shorten_prints(&mut self) {
        let mut room = self.output_bytes;
        for text in [&mut self.printed.stdout, &mut self.printed.stderr] {
            let mut kept = text.len();
            for (index, character) in text.char_indices() {
                let Some(left) = room.checked_sub(json_bytes(character)) else {
                    kept = index;
                    room = 0;
                    break;
                };
                room = left;
            }
            text.truncate(kept);
        }
    }

    /// The value as Python shows it, with a line break at the end; nothing for
    /// `None`, as at Python's prompt.
    ///
    /// # Errors
    ///
    /// [`Error::Output`] if it takes more than what the prints left of
    /// `Limits::output_bytes`.
    pub fn value_line(&self, value: &Value) -> Result<String, Error> {
        if value.is_none() {
            return Ok(String::new());
        }
        let room = self.output_bytes.saturating_sub(self.printed.bytes);
        let mut line = capped_text(value, room)
            .ok_or_else(|| Error::too_large(Part::Value, self.output_bytes))?;
        line.push('\n');
        Ok(line)
    }

    /// An exception as Python shows it: a traceback.
    ///
    /// # Errors
    ///
    /// [`Error::Output`] if it takes more than `Limits::output_bytes`.
    pub fn traceback(&self, exception: &ExceptionReport) -> Result<String, Error> {
        capped_text(exception, self.output_bytes)
            .ok_or_else(|| Error::too_large(Part::Exception, self.output_bytes))
    }
}

fn capped_text(shown: &impl Display, max_bytes: u64) -> Option<String> {
    let meter = Meter::new(max_bytes);
    meter.begin(Part::Value);
    let mut text = Capped::new(&meter);
    write!(text, "{shown}").ok()?;
    String::from_utf8(text.into_bytes()).ok()
}

/// The size of a character in a JSON string.
fn json_bytes(character: char) -> u64 {
    match character {
        '"' | '\\' | '\n' | '\r' | '\t' | '\u{8}' | '\u{c}' => 2,
        ..'\u{20}' => 6,
        _ => character.len_utf8() as u64,
    }
}

enum Failure {
    /// This part did not fit.
    TooLarge(Part),
    /// The value has no JSON form.
    NoForm,
}

#[derive(Clone, Copy)]
enum Outcome<'a> {
    Json(&'a Value),
    Repr(&'a Value),
    Error(&'a Error),
}

struct Document<'a> {
    report: &'a Report,
    outcome: Outcome<'a>,
    meter: &'a Meter,
}

impl Serialize for Document<'_> {
    fn serialize<S: Serializer>(&self, serializer: S) -> Result<S::Ok, S::Error> {
        let mut document = serializer.serialize_map(None)?;
        match self.outcome {
            Outcome::Json(value) => {
                document.serialize_entry("value", &self.part(Part::Value, value.as_json()))?;
                document.serialize_entry("repr", &())?;
            }
            Outcome::Repr(value) => {
                document.serialize_entry("value", &())?;
                document.serialize_entry("repr", &self.part(Part::Value, Shown(value)))?;
            }
            Outcome::Error(error) => match error.exception() {
                Some(_) => {
                    let part = self.part(Part::Exception, ErrorDocument::new(error));
                    document.serialize_entry("error", &part)?;
                }
                None => document.serialize_entry("error", &ErrorDocument::new(error))?,
            },
        }
        document.serialize_entry(
            "printed",
            &Prints {
                stdout: self.part(Part::Prints, &self.report.printed.stdout),
                stderr: self.part(Part::Prints, &self.report.printed.stderr),
            },
        )?;
        document.serialize_entry("statistics", &Statistics::new(self.report))?;
        document.end()
    }
}

impl<'a> Document<'a> {
    fn part<T>(&self, part: Part, content: T) -> Metered<'a, T> {
        Metered {
            meter: self.meter,
            part,
            content,
        }
    }
}

/// A value as Python shows it.
struct Shown<'a>(&'a Value);

impl Serialize for Shown<'_> {
    fn serialize<S: Serializer>(&self, serializer: S) -> Result<S::Ok, S::Error> {
        serializer.collect_str(self.0)
    }
}

#[derive(Serialize)]
struct ErrorDocument<'a> {
    kind: &'a str,
    limit: Option<&'a str>,
    r#type: Option<&'a str>,
    message: Option<&'a str>,
    traceback: Option<Vec<FrameDocument<'a>>>,
    hint: Option<HintDocument<'a>>,
}

impl<'a> ErrorDocument<'a> {
    fn new(error: &'a Error) -> Self {
        let report = error.exception();
        let hint = report.and_then(|report| report.hint.as_ref());
        Self {
            kind: error.kind(),
            limit: error.limit(),
            r#type: report.map(|report| &*report.exception.type_name),
            message: error.message(),
            traceback: report
                .map(|report| report.traceback.iter().map(FrameDocument::new).collect()),
            hint: hint.map(|Hint { code, advice }| HintDocument { code, advice }),
        }
    }
}

#[derive(Serialize)]
struct FrameDocument<'a> {
    filename: &'a str,
    line: u32,
    column: u32,
    function: Option<&'a str>,
    source_line: Option<&'a str>,
    repeated: u32,
}

impl<'a> FrameDocument<'a> {
    fn new(frame: &'a Frame) -> Self {
        Self {
            filename: &frame.filename,
            line: frame.start.line,
            column: frame.start.column,
            function: frame.function.as_deref(),
            source_line: frame.source_line.as_deref(),
            repeated: frame.repeated,
        }
    }
}

#[derive(Serialize)]
struct HintDocument<'a> {
    code: &'a str,
    advice: &'a str,
}

#[derive(Serialize)]
struct Prints<T> {
    stdout: T,
    stderr: T,
}

#[derive(Serialize)]
struct Statistics {
    elapsed_micros: u64,
    output_bytes: u64,
}

impl Statistics {
    fn new(report: &Report) -> Self {
        let Printed { bytes, .. } = report.printed;
        Self {
            elapsed_micros: u64::try_from(report.elapsed.as_micros()).unwrap_or(u64::MAX),
            output_bytes: bytes,
        }
    }
}

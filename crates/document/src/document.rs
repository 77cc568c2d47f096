//! The document.

use std::borrow::Cow;
use std::fmt::Display;

use monty_value::Value;
use monty_value::types::{ExceptionReport, Frame, Hint};
use serde::ser::SerializeMap;
use serde::{Serialize, Serializer};
use serde_json::Value as Json;

use crate::exit;
use crate::layout::Layout;
use crate::part::{Room, Unwritten, shortened};
use crate::tagged::Tagged;

/// How a run ended, what it printed, and what it took: all that
/// [`write`](Self::write) puts into the text of a document.
#[derive(Debug)]
pub struct Document<'a> {
    /// How it ended.
    pub outcome: Outcome<'a>,
    /// What the script printed.
    pub printed: Printed<'a>,
    /// What the run took.
    pub statistics: Statistics,
    /// The limit on the parts of the text that a script can lengthen.
    pub max_bytes: u64,
}

/// How a run ended.
#[derive(Debug)]
pub enum Outcome<'a> {
    /// With the value of the last line.
    Value(&'a Value),
    /// With an error, or before it began.
    Failure(Failure<'a>),
    /// With a snapshot.
    Suspended(Suspended<'a>),
}

/// The reason why a script has no value.
#[derive(Debug)]
pub struct Failure<'a> {
    /// The kind in a word, one of those in the [schema](crate::SCHEMA).
    pub kind: &'a str,
    /// The limit that stopped the script.
    pub limit: Option<&'a str>,
    /// The message, where there is no exception. An exception has its own.
    pub message: Cow<'a, str>,
    /// The exception, if it is one.
    pub exception: Option<&'a ExceptionReport>,
    /// The findings of the type checker, an array.
    pub diagnostics: Option<Json>,
}

impl<'a> Failure<'a> {
    /// A request that was not run, or a program that failed.
    pub fn new(kind: &'a str, message: impl Into<Cow<'a, str>>) -> Self {
        Self {
            kind,
            limit: None,
            message: message.into(),
            exception: None,
            diagnostics: None,
        }
    }
}

/// A script that waits for answers.
#[derive(Debug)]
pub struct Suspended<'a> {
    /// The path of the snapshot.
    pub snapshot: String,
    /// The calls that it waits for.
    pub calls: Vec<Waiting<'a>>,
    /// The command that resumes it.
    pub resume: String,
}

/// A call that a script waits for.
#[derive(Clone, Copy, Debug)]
pub struct Waiting<'a> {
    /// The number of the call.
    pub id: u32,
    /// The name of the function.
    pub name: &'a str,
    /// The positional arguments.
    pub positional: &'a [Value],
    /// The keyword arguments.
    pub keyword: &'a [(String, Value)],
}

/// What a script printed.
#[derive(Debug, Default)]
pub struct Printed<'a> {
    /// To standard output.
    pub stdout: Cow<'a, str>,
    /// To standard error.
    pub stderr: Cow<'a, str>,
}

/// What a run took. Nothing for what a program cannot measure, and for a run
/// that did not begin.
#[derive(Clone, Copy, Debug, Default, PartialEq, Eq, Serialize)]
pub struct Statistics {
    /// The time on the clock.
    pub elapsed_micros: Option<u64>,
    /// The time in Python.
    pub python_micros: Option<u64>,
    /// The time the host worked for the script.
    pub host_micros: Option<u64>,
    /// The time the script waited for tools, or slept.
    pub wait_micros: Option<u64>,
    /// The calls of tools and of the operating system.
    pub calls: Option<u64>,
    /// The most memory of the instance, interpreter included.
    pub peak_memory_bytes: Option<u64>,
    /// The most memory of the host for messages, calls and answers.
    pub peak_host_memory_bytes: Option<u64>,
    /// The size of the prints, also of those that were rejected.
    pub output_bytes: Option<u64>,
}

/// The text of a document.
#[derive(Debug)]
pub struct Written {
    /// The text, with a line break at the end.
    pub text: String,
    /// The exit code of the outcome that the text tells.
    pub exit_code: u8,
}

/// The longest message of an exception.
const MAX_MESSAGE_BYTES: usize = 1 << 20;

/// The room of a message without an exception, even if the limit is lower.
const MIN_MESSAGE_BYTES: usize = 1 << 10;

/// The part that did not fit.
enum TooLarge {
    Value,
    Exception,
}

impl Document<'_> {
    /// The document of a request that was not run. A message of more than 16 KiB
    /// is cut.
    pub fn refused<'a>(kind: &'a str, message: impl Into<Cow<'a, str>>) -> Document<'a> {
        Document {
            outcome: Outcome::Failure(Failure::new(kind, message)),
            printed: Printed::default(),
            statistics: Statistics::default(),
            max_bytes: 6 << 14,
        }
    }

    /// The document as text.
    ///
    /// The value or the exception and the prints take at most
    /// [`max_bytes`](Self::max_bytes) in it. If they do not fit, the outcome in
    /// the text is an error with the kind `limit` and the limit `output`, with
    /// as much of the prints as fits.
    ///
    /// The other forms of a value or an exception are `null` if what is left
    /// has no room for them. A message of more than 1 MiB is cut.
    ///
    /// A suspended script stays one: its calls are `null` if they do not fit,
    /// and the prints are cut.
    pub fn write(&self, layout: Layout) -> Written {
        let mut room = Room::new(layout, self.max_bytes);
        let written = match &self.outcome {
            Outcome::Value(value) => self.with_value(value, &mut room),
            Outcome::Failure(failure) => self.with_failure(failure, &mut room),
            Outcome::Suspended(suspended) => Ok(self.with_suspended(suspended, &mut room)),
        };
        let (parts, exit_code) = match written {
            Ok(parts) => (
                parts,
                match &self.outcome {
                    Outcome::Value(_) => exit::SUCCESS,
                    Outcome::Failure(failure) => exit::of_kind(failure.kind),
                    Outcome::Suspended(_) => exit::SUSPENDED,
                },
            ),
            Err(part) => (self.too_large(part, layout), exit::LIMIT),
        };
        Written {
            text: parts.assemble(layout),
            exit_code,
        }
    }

    fn with_value(&self, value: &Value, room: &mut Room) -> Result<Parts, TooLarge> {
        let shown = Shown(value);
        let (json, repr) = match room.take(value.as_json(), 1) {
            Ok(json) => (Some(json), None),
            Err(Unwritten::TooLarge) => return Err(TooLarge::Value),
            Err(Unwritten::NoForm) => {
                let repr = room.take(&shown, 1).map_err(|_| TooLarge::Value)?;
                (None, Some(repr))
            }
        };
        let printed = self.printed(room)?;
        let repr = repr.unwrap_or_else(|| room.take_or_null(&shown, 1));
        Ok(Parts {
            value: json.unwrap_or_else(null),
            repr,
            tagged: room.take_or_null(Tagged(value), 1),
            ..self.parts(printed)
        })
    }

    fn with_failure(&self, failure: &Failure<'_>, room: &mut Room) -> Result<Parts, TooLarge> {
        let mut form = FailureForm::new(failure, self.max_bytes);
        // What a program says itself is short, and has to be said.
        let mut own_room = Room::new(room.layout(), u64::MAX);
        let error_room = match failure.exception {
            Some(_) => &mut *room,
            None => &mut own_room,
        };
        error_room.take(&form, 1).map_err(|_| TooLarge::Exception)?;
        let printed = self.printed(room)?;
        if let Some(exception) = failure.exception {
            let rendered = shortened(exception, MAX_MESSAGE_BYTES);
            form.rendered = room.has(&rendered, 2).then_some(rendered);
        }
        if let Some(diagnostics) = &failure.diagnostics {
            form.diagnostics = room.has(diagnostics, 2).then_some(diagnostics);
        }
        let error = own_room.take_or_null(&form, 1);
        Ok(Parts {
            error,
            ..self.parts(printed)
        })
    }

    fn with_suspended(&self, suspended: &Suspended<'_>, room: &mut Room) -> Parts {
        let calls = room.has(&suspended.calls, 2);
        let form = SuspendedForm {
            snapshot: &suspended.snapshot,
            calls: calls.then_some(&*suspended.calls),
            resume: &suspended.resume,
        };
        let printed = self.shortened_prints(room);
        Parts {
            suspended: Room::new(room.layout(), u64::MAX).take_or_null(&form, 1),
            ..self.parts(printed)
        }
    }

    fn too_large(&self, part: TooLarge, layout: Layout) -> Parts {
        let max_bytes = self.max_bytes;
        let message = match part {
            TooLarge::Value => value_too_large(max_bytes),
            TooLarge::Exception => exception_too_large(max_bytes),
        };
        let failure = Failure {
            limit: Some("output"),
            ..Failure::new("limit", message)
        };
        let form = FailureForm::new(&failure, u64::MAX);
        let mut room = Room::new(layout, max_bytes);
        let printed = self.shortened_prints(&mut room);
        Parts {
            error: Room::new(layout, u64::MAX).take_or_null(&form, 1),
            ..self.parts(printed)
        }
    }

    fn printed(&self, room: &mut Room) -> Result<[Vec<u8>; 2], TooLarge> {
        let mut take = |text: &str| {
            room.widen(QUOTES);
            room.take(text, 2).map_err(|_| TooLarge::Value)
        };
        Ok([take(&self.printed.stdout)?, take(&self.printed.stderr)?])
    }

    fn shortened_prints(&self, room: &mut Room) -> [Vec<u8>; 2] {
        let mut whole = Room::new(room.layout(), u64::MAX);
        let mut take = |text| whole.take_or_null(room.start_of(text), 2);
        [take(&self.printed.stdout), take(&self.printed.stderr)]
    }

    /// The parts of a document without an outcome.
    fn parts(&self, printed: [Vec<u8>; 2]) -> Parts {
        Parts {
            value: null(),
            repr: null(),
            tagged: null(),
            error: null(),
            suspended: null(),
            printed,
            statistics: self.statistics,
        }
    }
}

/// The message for a value and prints that take more than the limit on output.
pub fn value_too_large(max_bytes: u64) -> String {
    format!(
        "output limit exceeded: the value and what was printed take more than {max_bytes} bytes; \
         let the script return or print less"
    )
}

/// The message for an exception that takes more than the limit on output.
pub fn exception_too_large(max_bytes: u64) -> String {
    format!(
        "output limit exceeded: the exception takes more than {max_bytes} bytes; give it a \
         shorter message"
    )
}

/// The size of the quotes around a text.
const QUOTES: u64 = 2;

fn null() -> Vec<u8> {
    b"null".to_vec()
}

/// The text of each part.
struct Parts {
    value: Vec<u8>,
    repr: Vec<u8>,
    tagged: Vec<u8>,
    error: Vec<u8>,
    suspended: Vec<u8>,
    printed: [Vec<u8>; 2],
    statistics: Statistics,
}

impl Parts {
    fn assemble(self, layout: Layout) -> String {
        let [stdout, stderr] = self.printed;
        let printed = object(layout, 1, [("stdout", stdout), ("stderr", stderr)]);
        let statistics = Room::new(layout, u64::MAX).take_or_null(self.statistics, 1);
        let mut text = object(
            layout,
            0,
            [
                ("value", self.value),
                ("repr", self.repr),
                ("tagged", self.tagged),
                ("error", self.error),
                ("suspended", self.suspended),
                ("printed", printed),
                ("statistics", statistics),
            ],
        );
        text.push(b'\n');
        // It is UTF-8: what serde_json writes, and the text of keys.
        String::from_utf8(text)
            .unwrap_or_else(|error| String::from_utf8_lossy(error.as_bytes()).into_owned())
    }
}

/// The text of an object at a depth, of parts that are one level deeper.
fn object<const N: usize>(layout: Layout, depth: usize, entries: [(&str, Vec<u8>); N]) -> Vec<u8> {
    let mut text = vec![b'{'];
    for (index, (name, content)) in entries.into_iter().enumerate() {
        if index > 0 {
            text.push(b',');
        }
        layout.break_line(depth + 1, &mut text);
        text.extend_from_slice(format!("\"{name}\"").as_bytes());
        text.extend_from_slice(layout.colon());
        text.extend_from_slice(&content);
    }
    layout.break_line(depth, &mut text);
    text.push(b'}');
    text
}

/// Something as its text.
struct Shown<T>(T);

impl<T: Display> Serialize for Shown<T> {
    fn serialize<S: Serializer>(&self, serializer: S) -> Result<S::Ok, S::Error> {
        serializer.collect_str(&self.0)
    }
}

#[derive(Serialize)]
struct FailureForm<'a> {
    kind: &'a str,
    limit: Option<&'a str>,
    r#type: Option<&'a str>,
    message: Option<String>,
    traceback: Option<Vec<FrameForm<'a>>>,
    rendered: Option<String>,
    hint: Option<HintForm<'a>>,
    diagnostics: Option<&'a Json>,
}

impl<'a> FailureForm<'a> {
    /// The error without what may be left out.
    fn new(failure: &'a Failure<'_>, max_bytes: u64) -> Self {
        let report = failure.exception;
        let hint = report.and_then(|report| report.hint.as_ref());
        let message = match report {
            Some(report) => {
                let message = report.exception.message.as_ref();
                message.map(|message| shortened(message, MAX_MESSAGE_BYTES))
            }
            None => {
                // As JSON it may be six times that.
                let room = usize::try_from(max_bytes / 6).unwrap_or(usize::MAX);
                let room = room.clamp(MIN_MESSAGE_BYTES, MAX_MESSAGE_BYTES);
                Some(shortened(&failure.message, room))
            }
        };
        Self {
            kind: failure.kind,
            limit: failure.limit,
            r#type: report.map(|report| &*report.exception.type_name),
            message,
            traceback: report.map(|report| report.traceback.iter().map(FrameForm::new).collect()),
            rendered: None,
            hint: hint.map(|Hint { code, advice }| HintForm { code, advice }),
            diagnostics: None,
        }
    }
}

#[derive(Serialize)]
struct FrameForm<'a> {
    filename: &'a str,
    line: u32,
    column: u32,
    function: Option<&'a str>,
    source_line: Option<&'a str>,
    repeated: u32,
}

impl<'a> FrameForm<'a> {
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
struct HintForm<'a> {
    code: &'a str,
    advice: &'a str,
}

#[derive(Serialize)]
struct SuspendedForm<'a> {
    snapshot: &'a str,
    calls: Option<&'a [Waiting<'a>]>,
    resume: &'a str,
}

impl Serialize for Waiting<'_> {
    fn serialize<S: Serializer>(&self, serializer: S) -> Result<S::Ok, S::Error> {
        let mut call = serializer.serialize_map(Some(4))?;
        call.serialize_entry("id", &self.id)?;
        call.serialize_entry("name", self.name)?;
        call.serialize_entry("positional", &Positional(self.positional))?;
        call.serialize_entry("keyword", &Keyword(self.keyword))?;
        call.end()
    }
}

struct Positional<'a>(&'a [Value]);

impl Serialize for Positional<'_> {
    fn serialize<S: Serializer>(&self, serializer: S) -> Result<S::Ok, S::Error> {
        serializer.collect_seq(self.0.iter().map(Argument))
    }
}

struct Keyword<'a>(&'a [(String, Value)]);

impl Serialize for Keyword<'_> {
    fn serialize<S: Serializer>(&self, serializer: S) -> Result<S::Ok, S::Error> {
        let arguments = self.0.iter();
        serializer.collect_map(arguments.map(|(name, value)| (name, Argument(value))))
    }
}

/// A value as JSON, or as Python shows it if it has no JSON form.
struct Argument<'a>(&'a Value);

impl Serialize for Argument<'_> {
    fn serialize<S: Serializer>(&self, serializer: S) -> Result<S::Ok, S::Error> {
        // What does not fit in here has no room in any document.
        let mut trial = Room::new(Layout::Compact, MAX_ARGUMENT_BYTES);
        match trial.take(self.0.as_json(), 0) {
            Err(Unwritten::NoForm) => serializer.collect_str(self.0),
            Ok(_) | Err(Unwritten::TooLarge) => self.0.as_json().serialize(serializer),
        }
    }
}

/// The longest argument whose form is tried.
const MAX_ARGUMENT_BYTES: u64 = 1 << 30;

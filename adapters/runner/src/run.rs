//! Runs a script to its end.

use std::time::{Duration, Instant};

use monty_value::graph::GraphCaps;
use monty_value::types::{self, ExceptionReport, NamedOperand};
use monty_value::{Encoder, Value};

use crate::bindings::monty::sandbox::interpreter::{
    self, Failure, Inputs, Limit, Options, Outcome,
};
use crate::print_capture::{self, Destination, End, Printed};

/// What a run may use up.
#[derive(Clone, Copy, Debug)]
pub struct Limits {
    /// Time in Python.
    pub duration: Duration,
    /// Memory of the script's objects.
    pub memory_bytes: u64,
    /// Call depth.
    pub recursion_depth: u32,
    /// The prints of a script and its value, in bytes of their text.
    pub output_bytes: u64,
}

impl Default for Limits {
    /// As in `monty-host run`: 5 s, 128 MiB, 1000 calls and 10 MiB.
    fn default() -> Self {
        Self {
            duration: Duration::from_secs(5),
            memory_bytes: 128 << 20,
            recursion_depth: 1000,
            output_bytes: 10 << 20,
        }
    }
}

/// A script.
#[derive(Debug)]
pub struct Script {
    /// Its name in tracebacks.
    pub name: String,
    /// Its text.
    pub source: String,
}

/// A script and its options.
#[derive(Debug)]
pub struct Request {
    /// The script.
    pub script: Script,
    /// Its global variables.
    pub inputs: Vec<(String, Value)>,
    /// The base of its relative paths, if not `/`.
    pub working_directory: Option<String>,
    /// Its limits.
    pub limits: Limits,
    /// Whether prints are kept for the report, or written out line by line.
    pub keep_prints: bool,
}

/// The reason a script has no value.
#[derive(Debug)]
pub enum Error {
    /// It raised an exception.
    Script(ExceptionReport),
    /// It is not valid Python, or uses syntax that Monty does not support.
    Source(ExceptionReport),
    /// A limit stopped it.
    Limit(&'static str, ExceptionReport),
    /// It printed too much, or its value is too large to write out.
    Output(String),
    /// The request is invalid.
    Request(String),
    /// The runtime around it failed.
    Host(String),
    /// Its prints cannot be written.
    Unwritten(String),
    /// The reader of its prints is gone.
    ReaderLeft,
    /// Something else.
    Sandbox(String),
}

impl Error {
    /// The kind of the error in a word, as in the documents of `--json`.
    pub fn kind(&self) -> &'static str {
        match self {
            Self::Script(_) => "script",
            Self::Source(_) => "source",
            Self::Limit(..) | Self::Output(_) => "limit",
            Self::Request(_) => "request",
            Self::Host(_) | Self::Unwritten(_) | Self::ReaderLeft => "host",
            Self::Sandbox(_) => "sandbox",
        }
    }

    /// The exception, if it is a Python exception.
    pub fn exception(&self) -> Option<&ExceptionReport> {
        match self {
            Self::Script(report) | Self::Source(report) | Self::Limit(_, report) => Some(report),
            Self::Output(_)
            | Self::Request(_)
            | Self::Host(_)
            | Self::Unwritten(_)
            | Self::ReaderLeft
            | Self::Sandbox(_) => None,
        }
    }

    /// The limit that was exceeded.
    pub fn limit(&self) -> Option<&'static str> {
        match self {
            Self::Limit(limit, _) => Some(limit),
            Self::Output(_) => Some("output"),
            _ => None,
        }
    }

    /// The message. An exception may have none.
    pub fn message(&self) -> Option<&str> {
        match self {
            Self::Script(report) | Self::Source(report) | Self::Limit(_, report) => {
                report.exception.message.as_deref()
            }
            Self::Output(message)
            | Self::Request(message)
            | Self::Host(message)
            | Self::Unwritten(message)
            | Self::Sandbox(message) => Some(message),
            Self::ReaderLeft => Some("the reader of the output left"),
        }
    }
}

/// The outcome of a run.
#[derive(Debug)]
pub struct Report {
    /// The value of the last line.
    pub result: Result<Value, Error>,
    /// The prints.
    pub printed: Printed,
    /// The elapsed time, including tools and waiting.
    pub elapsed: Duration,
    /// The limit on the text of all this: [`Limits::output_bytes`].
    pub output_bytes: u64,
}

/// Runs a script.
pub fn run(request: Request) -> Report {
    let started = Instant::now();
    let max_bytes = request.limits.output_bytes;
    print_capture::start(
        max_bytes,
        if request.keep_prints {
            Destination::Memory
        } else {
            Destination::StandardStreams
        },
    );
    let result = options(&request).and_then(|options| {
        let outcome = interpreter::run(&request.script.source, options);
        value(outcome.map_err(error)?)
    });
    let printed = print_capture::take();
    Report {
        result: match &printed.end {
            None => result,
            Some(End::UsedUp) => Err(Error::Output(format!(
                "output limit exceeded: more than {max_bytes} bytes printed"
            ))),
            Some(End::ReaderLeft) => Err(Error::ReaderLeft),
            Some(End::Failed(reason)) => Err(Error::Unwritten(format!(
                "the output cannot be written: {reason}"
            ))),
        },
        printed,
        elapsed: started.elapsed(),
        output_bytes: max_bytes,
    }
}

fn options(request: &Request) -> Result<Options, Error> {
    let limits = request.limits;
    Ok(Options {
        script_name: Some(request.script.name.clone()),
        inputs: inputs(&request.inputs)?,
        working_directory: request.working_directory.clone(),
        limits: Some(interpreter::Limits {
            max_duration: Some(u64::try_from(limits.duration.as_nanos()).unwrap_or(u64::MAX)),
            max_memory: Some(limits.memory_bytes),
            max_recursion_depth: Some(limits.recursion_depth),
            gc_interval: None,
        }),
        clock: None,
        local_timezone: None,
        randomness: None,
        line_buffered: Some(!request.keep_prints),
        explain_assertions: None,
        extensions: None,
    })
}

fn inputs(inputs: &[(String, Value)]) -> Result<Option<Inputs>, Error> {
    if inputs.is_empty() {
        return Ok(None);
    }
    let mut encoder = Encoder::new(GraphCaps::DEFAULT);
    let values = inputs
        .iter()
        .map(|(name, value)| NamedOperand {
            name: name.clone(),
            value: encoder.operand(value),
        })
        .collect();
    let graph = encoder
        .finish()
        .map_err(|error| Error::Request(format!("the inputs cannot be sent: {error}")))?;
    Ok(Some(Inputs { values, graph }))
}

fn value(outcome: Outcome) -> Result<Value, Error> {
    match outcome {
        Outcome::Completed(value) => decode(&value),
        Outcome::Suspended(suspension) => {
            let names: Vec<&str> = suspension.calls.iter().map(|call| &*call.name).collect();
            Err(Error::Sandbox(format!(
                "the script waits for {}, which was answered with `suspend`, and nobody here \
                 resumes it: let the tool answer at once, or with `pending`",
                names.join(", ")
            )))
        }
    }
}

fn decode(value: &types::Value) -> Result<Value, Error> {
    Value::from_message(value, GraphCaps::DEFAULT).map_err(|error| {
        if error.is_too_large() {
            Error::Output(format!(
                "output limit exceeded: the value is too large to write out: {error}"
            ))
        } else {
            Error::Sandbox(format!("the value cannot be read: {error}"))
        }
    })
}

fn error(failure: Failure) -> Error {
    match failure {
        Failure::Raised(report) => Error::Script(report),
        Failure::InvalidSource(report) => Error::Source(report),
        Failure::LimitExceeded(exceeded) => Error::Limit(
            match exceeded.limit {
                Limit::Duration => "duration",
                Limit::Memory => "memory",
                Limit::Recursion => "recursion",
            },
            exceeded.report,
        ),
        Failure::InvalidRequest(message) => Error::Request(message),
        Failure::InvalidSnapshot(message) | Failure::Other(message) => Error::Sandbox(message),
    }
}

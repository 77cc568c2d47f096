//! A script, run to its end.

use std::time::{Duration, Instant};

use monty_value::graph::GraphCaps;
use monty_value::types::{Exception, NamedOperand};
use monty_value::{Encoder, Value};

use crate::bindings::monty::sandbox::interpreter::{
    self, Failure, Inputs, Limit, Options, Outcome,
};
use crate::print_capture::{self, Printed};

/// What a run may use up.
#[derive(Clone, Copy, Debug)]
pub struct Limits {
    /// Time in Python.
    pub duration: Duration,
    /// Memory of the script's objects.
    pub memory_bytes: u64,
    /// Depth of calls.
    pub recursion_depth: u32,
}

impl Default for Limits {
    /// As in `monty-host run`: 5 s, 128 MiB and 1000 calls.
    fn default() -> Self {
        Self {
            duration: Duration::from_secs(5),
            memory_bytes: 128 << 20,
            recursion_depth: 1000,
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

/// What is to be run, and how.
#[derive(Debug)]
pub struct Request {
    /// The script.
    pub script: Script,
    /// Its global variables.
    pub inputs: Vec<(String, Value)>,
    /// The directory that its relative paths start from, if not `/`.
    pub working_directory: Option<String>,
    /// What it may use up.
    pub limits: Limits,
    /// How much of what it prints is kept for the report. Nothing: prints are
    /// written out, line by line.
    pub kept_print_bytes: Option<u64>,
}

/// Why a script has no value.
#[derive(Debug)]
pub enum Error {
    /// It raised an exception.
    Script(Exception),
    /// It is not Python, or not the part of it that Monty has.
    Source(Exception),
    /// A limit stopped it.
    Limit(&'static str, Exception),
    /// The request is not valid.
    Request(String),
    /// Something else.
    Sandbox(String),
}

impl Error {
    /// A word for what kind of error it is, as in the documents of `--json`.
    pub fn kind(&self) -> &'static str {
        match self {
            Self::Script(_) => "script",
            Self::Source(_) => "source",
            Self::Limit(..) => "limit",
            Self::Request(_) => "request",
            Self::Sandbox(_) => "sandbox",
        }
    }

    /// The exception, if it is one of Python.
    pub fn exception(&self) -> Option<&Exception> {
        match self {
            Self::Script(exception) | Self::Source(exception) | Self::Limit(_, exception) => {
                Some(exception)
            }
            Self::Request(_) | Self::Sandbox(_) => None,
        }
    }
}

/// What became of a run.
#[derive(Debug)]
pub struct Report {
    /// The value of the last line.
    pub result: Result<Value, Error>,
    /// What was printed, if it was to be kept.
    pub printed: Option<Printed>,
    /// The time that passed, with tools and waiting.
    pub elapsed: Duration,
}

/// Runs a script.
pub fn run(request: Request) -> Report {
    let started = Instant::now();
    let kept = request.kept_print_bytes;
    if let Some(max_bytes) = kept {
        print_capture::start(max_bytes);
    }
    let result = options(&request).and_then(|options| {
        let outcome = interpreter::run(&request.script.source, &options);
        value(outcome.map_err(error)?)
    });
    Report {
        result,
        printed: kept.map(|_| print_capture::take()),
        elapsed: started.elapsed(),
    }
}

fn options(request: &Request) -> Result<Options, Error> {
    let limits = request.limits;
    Ok(Options {
        script_name: Some(request.script.name.clone()),
        inputs: inputs(&request.inputs)?,
        working_directory: request.working_directory.clone(),
        limits: Some(interpreter::Limits {
            max_duration_micros: Some(
                u64::try_from(limits.duration.as_micros()).unwrap_or(u64::MAX),
            ),
            max_memory_bytes: Some(limits.memory_bytes),
            max_recursion_depth: Some(limits.recursion_depth),
            gc_interval: None,
        }),
        clock: None,
        local_timezone: None,
        randomness: None,
        line_buffered: Some(request.kept_print_bytes.is_none()),
        explain_assertions: None,
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
        Outcome::Completed(value) => Value::from_message(&value, GraphCaps::DEFAULT)
            .map_err(|error| Error::Sandbox(format!("the value cannot be read: {error}"))),
        Outcome::Suspended(suspension) => {
            let names: Vec<&str> = suspension.calls.iter().map(|call| &*call.name).collect();
            Err(Error::Sandbox(format!(
                "the script waits for {}, which was answered with `suspend`, and nobody here \
                 resumes it: have the tool answer at once or with `pending`",
                names.join(", ")
            )))
        }
    }
}

fn error(failure: Failure) -> Error {
    match failure {
        Failure::Raised(exception) => Error::Script(exception),
        Failure::InvalidSource(exception) => Error::Source(exception),
        Failure::LimitExceeded(exceeded) => Error::Limit(
            match exceeded.limit {
                Limit::Duration => "duration",
                Limit::Memory => "memory",
                Limit::Recursion => "recursion",
            },
            exceeded.exception,
        ),
        Failure::InvalidRequest(message) => Error::Request(message),
        Failure::InvalidSnapshot(message) | Failure::Other(message) => Error::Sandbox(message),
    }
}

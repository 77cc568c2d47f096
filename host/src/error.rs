//! Why a run has no result.

use std::fmt;

use monty_value::types::{Exception, ExceptionReport, Hint};

use crate::account::stop::{BoxError, Stop};
use crate::check::Diagnostics;
use crate::limits::Limit;
use crate::print::Printed;
use crate::statistics::Statistics;

/// Why a run has no result.
///
/// [`kind`](Self::kind) distinguishes errors of the script, limits and failures
/// of the sandbox.
///
/// `Display` is for the author of the script, often a model: the traceback as
/// Python prints it, and the [`hint`](Self::hint), if any, in a last line. An
/// error without a traceback is one line. [`summary`](Self::summary) is one
/// line for every error.
///
/// ```
/// use monty_host::{ErrorKind, Monty};
///
/// let script = Monty::new()?.script("print('so far')\n1 / 0");
/// let error = script.run_blocking().expect_err("it divides by zero");
/// assert_eq!(error.kind(), ErrorKind::Script);
/// assert_eq!(error.summary(), "ZeroDivisionError: division by zero");
/// assert!(error.to_string().starts_with("Traceback (most recent call last):"));
/// let printed = error.printed().expect("it began");
/// assert_eq!(printed.to_string(), "so far\n");
/// # Ok::<_, monty_host::Error>(())
/// ```
pub struct Error(Box<Inner>);

struct Inner {
    cause: Cause,
    statistics: Option<Statistics>,
    printed: Option<Printed>,
    advice: Option<Diagnostics>,
}

enum Cause {
    Script(ExceptionReport),
    Source(ExceptionReport),
    Check(Diagnostics),
    Limit {
        limit: Limit,
        message: String,
        report: Option<ExceptionReport>,
    },
    Request(String),
    Interrupted(String),
    Busy(String),
    Host {
        message: String,
        source: Option<BoxError>,
    },
    Sandbox {
        message: String,
        source: Option<wasmtime::Error>,
    },
}

/// The kinds of [`Error`].
#[derive(Clone, Copy, Debug, PartialEq, Eq, Hash)]
#[non_exhaustive]
pub enum ErrorKind {
    /// The script raised an exception and did not catch it.
    Script,
    /// The source is not valid Python, or uses syntax that Monty does not
    /// support.
    Source,
    /// The type checker rejected the source, so that nothing ran:
    /// [`Script::checked`](crate::Script::checked).
    Check,
    /// A limit stopped the run.
    Limit,
    /// The host's request is invalid: an input that Python has no value for, a
    /// name that is not an identifier, a directory that is not a path.
    Request,
    /// [`InterruptHandle`](crate::InterruptHandle) stopped the run, or the
    /// interpreter was [shut down](crate::Monty::shut_down).
    Interrupted,
    /// All instances are in use, and the interpreter does not
    /// [wait](crate::MontyBuilder::when_full) for one.
    Busy,
    /// Host code that the run depends on failed: a print sink, or an
    /// [`Os`](crate::os::Os) or [`ExternalCall`](crate::ExternalCall) that
    /// panicked. The script may be correct.
    Host,
    /// The sandbox failed: a trap in the interpreter, or wasmtime itself.
    Sandbox,
}

impl ErrorKind {
    /// The name of the kind: `script`, `source`, `check`, `limit`,
    /// `request`, `interrupted`, `busy`, `host` or `sandbox`.
    pub fn name(self) -> &'static str {
        match self {
            Self::Script => "script",
            Self::Source => "source",
            Self::Check => "check",
            Self::Limit => "limit",
            Self::Request => "request",
            Self::Interrupted => "interrupted",
            Self::Busy => "busy",
            Self::Host => "host",
            Self::Sandbox => "sandbox",
        }
    }
}

impl Error {
    pub(crate) fn script(report: ExceptionReport) -> Self {
        Self::new(Cause::Script(report))
    }

    pub(crate) fn invalid_source(report: ExceptionReport) -> Self {
        Self::new(Cause::Source(report))
    }

    /// Diagnostics of which some reject the source.
    pub(crate) fn rejected(diagnostics: Diagnostics) -> Self {
        Self::new(Cause::Check(diagnostics))
    }

    pub(crate) fn limit_exceeded(
        limit: Limit,
        message: impl Into<String>,
        report: Option<ExceptionReport>,
    ) -> Self {
        Self::new(Cause::Limit {
            limit,
            message: message.into(),
            report,
        })
    }

    pub(crate) fn request(message: impl fmt::Display) -> Self {
        Self::new(Cause::Request(message.to_string()))
    }

    /// An error made by the embedder, of kind [`ErrorKind::Request`].
    pub fn invalid(message: impl fmt::Display) -> Self {
        Self::request(message)
    }

    pub(crate) fn busy(message: impl Into<String>) -> Self {
        Self::new(Cause::Busy(message.into()))
    }

    pub(crate) fn sandbox(message: impl Into<String>, source: Option<wasmtime::Error>) -> Self {
        Self::new(Cause::Sandbox {
            message: message.into(),
            source,
        })
    }

    fn new(cause: Cause) -> Self {
        Self(Box::new(Inner {
            cause,
            statistics: None,
            printed: None,
            advice: None,
        }))
    }

    pub(crate) fn with_statistics(mut self, statistics: Statistics) -> Self {
        self.0.statistics = Some(statistics);
        self
    }

    pub(crate) fn with_advice(mut self, diagnostics: Option<Diagnostics>) -> Self {
        self.0.advice = diagnostics;
        self
    }

    pub(crate) fn with_printed(mut self, printed: Printed) -> Self {
        self.0.printed = Some(printed);
        self
    }

    /// The kind of the error.
    pub fn kind(&self) -> ErrorKind {
        match self.0.cause {
            Cause::Script(_) => ErrorKind::Script,
            Cause::Source(_) => ErrorKind::Source,
            Cause::Check(_) => ErrorKind::Check,
            Cause::Limit { .. } => ErrorKind::Limit,
            Cause::Request(_) => ErrorKind::Request,
            Cause::Interrupted(_) => ErrorKind::Interrupted,
            Cause::Busy(_) => ErrorKind::Busy,
            Cause::Host { .. } => ErrorKind::Host,
            Cause::Sandbox { .. } => ErrorKind::Sandbox,
        }
    }

    /// The exception with its traceback: what the script raised, the error in
    /// its source, or the exception that a limit raised.
    pub fn exception_report(&self) -> Option<&ExceptionReport> {
        match &self.0.cause {
            Cause::Script(report) | Cause::Source(report) => Some(report),
            Cause::Limit { report, .. } => report.as_ref(),
            Cause::Check(_)
            | Cause::Request(_)
            | Cause::Interrupted(_)
            | Cause::Busy(_)
            | Cause::Host { .. }
            | Cause::Sandbox { .. } => None,
        }
    }

    /// The type and the message of the
    /// [`exception_report`](Self::exception_report).
    pub fn exception(&self) -> Option<&Exception> {
        Some(&self.exception_report()?.exception)
    }

    /// What to write instead, if the script used a part of Python that Monty
    /// does not have: for the model that writes the next script. It is in the
    /// last line of `Display` too.
    pub fn hint(&self) -> Option<&Hint> {
        self.exception_report()?.hint.as_ref()
    }

    /// What the type checker found, if the run was
    /// [checked](crate::Script::checked): the errors that rejected it, or the advice
    /// that came before another error.
    pub fn diagnostics(&self) -> Option<&Diagnostics> {
        match &self.0.cause {
            Cause::Check(diagnostics) => Some(diagnostics),
            _ => self.0.advice.as_ref(),
        }
    }

    /// The limit that stopped the run.
    pub fn limit(&self) -> Option<Limit> {
        match self.0.cause {
            Cause::Limit { limit, .. } => Some(limit),
            _ => None,
        }
    }

    /// What the run used up, if it began.
    pub fn statistics(&self) -> Option<&Statistics> {
        self.0.statistics.as_ref()
    }

    /// What the script had printed, if it began and no other sink was given.
    pub fn printed(&self) -> Option<&Printed> {
        self.0.printed.as_ref()
    }

    /// The host's own error that ended the run, if it is of this type: what a
    /// sink of prints failed with, or what a tool ended the run with
    /// ([`ToolError::fatal`](crate::ToolError::fatal)).
    pub fn downcast_ref<E: std::error::Error + 'static>(&self) -> Option<&E> {
        match &self.0.cause {
            Cause::Host {
                source: Some(source),
                ..
            } => source.downcast_ref(),
            _ => None,
        }
    }

    /// The host's own error that ended the run, if it is of this type, or else
    /// this error as it is.
    ///
    /// ```
    /// # use monty_host::{Monty, ToolError, Tools};
    /// let tools = Tools::new().function("connect", (), || -> Result<(), ToolError> {
    ///     Err(ToolError::fatal(std::io::Error::other("no network")))
    /// });
    /// let run = Monty::new()?.script("connect()").host(tools).run_blocking();
    /// let error: std::io::Error = run.unwrap_err().downcast()?;
    /// assert_eq!(error.to_string(), "no network");
    /// # Ok::<_, monty_host::Error>(())
    /// ```
    ///
    /// # Errors
    ///
    /// This error itself, if it holds no error of that type.
    pub fn downcast<E: std::error::Error + 'static>(mut self) -> Result<E, Self> {
        let Cause::Host { source, .. } = &mut self.0.cause else {
            return Err(self);
        };
        match source.take().map(|error| error.downcast()) {
            Some(Ok(error)) => return Ok(*error),
            Some(Err(other)) => *source = Some(other),
            None => {}
        }
        Err(self)
    }

    /// The error without a traceback: the exception's type and message, such as
    /// `MemoryError: memory limit exceeded: …`, or the message alone where
    /// there is no [`exception`](Self::exception).
    pub fn summary(&self) -> String {
        match &self.0.cause {
            Cause::Script(report)
            | Cause::Source(report)
            | Cause::Limit {
                report: Some(report),
                ..
            } => report.exception.to_string(),
            Cause::Check(diagnostics) => {
                let first = diagnostics.errors().next();
                let first = first.map_or("", |first| first.concise.as_str());
                format!("{}: {first}", rejection(diagnostics))
            }
            Cause::Limit { message, .. }
            | Cause::Request(message)
            | Cause::Interrupted(message)
            | Cause::Busy(message)
            | Cause::Host { message, .. }
            | Cause::Sandbox { message, .. } => message.clone(),
        }
    }
}

/// The first line about a source that was rejected.
fn rejection(diagnostics: &Diagnostics) -> String {
    match diagnostics.errors().count() {
        1 => "nothing ran: the type checker found an error".to_owned(),
        count => format!("nothing ran: the type checker found {count} errors"),
    }
}

impl fmt::Display for Error {
    fn fmt(&self, formatter: &mut fmt::Formatter<'_>) -> fmt::Result {
        match &self.0.cause {
            Cause::Script(report)
            | Cause::Source(report)
            | Cause::Limit {
                report: Some(report),
                ..
            } => {
                report.fmt(formatter)?;
                match &report.hint {
                    Some(hint) => write!(formatter, "\nhint: {}", hint.advice),
                    None => Ok(()),
                }
            }
            Cause::Check(diagnostics) => {
                write!(formatter, "{}", rejection(diagnostics))?;
                for error in diagnostics.errors() {
                    write!(formatter, "\n\n{}", error.full)?;
                    // Those of types, and of tools that the text does not show.
                    let is_hidden = |declaration: &&String| {
                        let first = declaration.lines().next().unwrap_or_default();
                        !error.full.contains(first)
                    };
                    for declaration in error.declarations.iter().filter(is_hidden) {
                        write!(formatter, "\n{declaration}")?;
                    }
                }
                Ok(())
            }
            Cause::Limit { message, .. }
            | Cause::Request(message)
            | Cause::Interrupted(message)
            | Cause::Busy(message)
            | Cause::Host { message, .. }
            | Cause::Sandbox { message, .. } => formatter.write_str(message),
        }
    }
}

impl fmt::Debug for Error {
    fn fmt(&self, formatter: &mut fmt::Formatter<'_>) -> fmt::Result {
        let mut debug = formatter.debug_struct("Error");
        debug.field("kind", &self.kind());
        if let Some(limit) = self.limit() {
            debug.field("limit", &limit);
        }
        debug.field("message", &self.to_string()).finish()
    }
}

impl std::error::Error for Error {
    fn source(&self) -> Option<&(dyn std::error::Error + 'static)> {
        match &self.0.cause {
            Cause::Host {
                source: Some(source),
                ..
            } => Some(source.as_ref()),
            Cause::Sandbox {
                source: Some(source),
                ..
            } => Some(source.as_ref()),
            _ => None,
        }
    }
}

impl From<Stop> for Error {
    fn from(stop: Stop) -> Self {
        match stop {
            Stop::Interrupted | Stop::ShutDown => Self::new(Cause::Interrupted(stop.to_string())),
            Stop::Limit { limit, message } => Self::limit_exceeded(limit, message, None),
            Stop::Host { message, source } => Self::new(Cause::Host {
                message,
                source: source.and_then(|source| source.take()),
            }),
        }
    }
}

impl From<monty_value::Error> for Error {
    /// Of kind [`ErrorKind::Request`], or the limit on output for a text that
    /// is [too long](monty_value::Error::is_too_long).
    fn from(error: monty_value::Error) -> Self {
        if error.is_too_long() {
            let message = format!("output limit exceeded: {error}; return a part of it");
            return Self::limit_exceeded(Limit::Output, message, None);
        }
        Self::request(error)
    }
}

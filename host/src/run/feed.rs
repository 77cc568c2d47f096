//! The work given to a session: a snippet, a call, or answers.

use std::sync::Arc;

use serde::Serialize;
use wasmtime::Store;

use super::blocking::block_on;
use super::checks::advised;
use super::progress::{progress, traced};
use super::report::{Progress, Report};
use super::resting::{CANCELLED, Resting};
use super::session::Session;
use super::store::RunState;
use crate::answers::Answers;
use crate::embed::{self, Arguments, FeedOptions, Inputs, MontyView, Outcome};
use crate::error::{Error, ErrorKind};
use crate::spans::{Empty, debug_span};

impl Session {
    /// A snippet to run. Nothing happens before [`Feed::run`].
    pub fn feed(&mut self, source: impl Into<String>) -> Feed<'_> {
        Feed {
            session: self,
            source: source.into(),
            inputs: Inputs::new(),
            options: FeedOptions::new(),
        }
    }

    /// A call of a function that the session defined. Nothing happens before
    /// [`FunctionCall::run`].
    pub fn call(&mut self, function: impl Into<String>) -> FunctionCall<'_> {
        FunctionCall {
            session: self,
            function: function.into(),
            arguments: Arguments::new(),
            options: FeedOptions::new(),
        }
    }

    /// Resumes the suspended snippet with answers. Nothing happens before
    /// [`SessionResume::run`].
    pub fn resume(&mut self, answers: Answers) -> SessionResume<'_> {
        SessionResume {
            session: self,
            answers,
            options: FeedOptions::new(),
        }
    }

    /// Runs work in the session, until it ends or is suspended. Whoever calls it has
    /// forgotten earlier interrupts.
    async fn run<F>(&mut self, run: F) -> Result<Progress, Error>
    where
        F: AsyncFnOnce(
            &embed::Session,
            &mut Store<RunState>,
            Option<&embed::Budget>,
        ) -> Result<Outcome, Error>,
    {
        let rest = Arc::clone(&self.rest);
        let mut resting = rest.lock().await;
        let mut live = self.wake(&mut resting).await?;
        let suspended = self.suspended.as_ref();
        let outcome = run(&live.session, &mut live.store, suspended).await;
        self.suspended = match &outcome {
            Ok(Outcome::Suspended(suspended)) => Some(suspended.budget.clone()),
            // Rejected work did not begin.
            Err(error) if error.kind() == ErrorKind::Request => self.suspended.take(),
            _ => None,
        };
        let has_trapped = live.store.data_mut().monty().has_trapped();
        let header = |_| self.header();
        let progress = progress(&mut live.store, outcome, header, self.printed.as_ref());
        if has_trapped {
            let reason = match &progress {
                Err(error) => format!("the session ended: {error}"),
                Ok(_) => CANCELLED.to_owned(),
            };
            *resting = Resting::Gone(reason);
            return progress;
        }
        *resting = Resting::Live(live);
        drop(resting);
        self.make_available().await;
        progress
    }
}

/// A snippet to run in a session.
///
/// A snippet has inputs but no arguments:
///
/// ```compile_fail
/// # fn example(session: &mut monty_host::Session) -> Result<(), monty_host::Error> {
/// session.feed("1").argument(1)?;
/// # Ok(())
/// # }
/// ```
#[must_use = "a snippet does nothing before it is run"]
pub struct Feed<'a> {
    session: &'a mut Session,
    source: String,
    inputs: Inputs,
    options: FeedOptions,
}

impl std::fmt::Debug for Feed<'_> {
    fn fmt(&self, formatter: &mut std::fmt::Formatter<'_>) -> std::fmt::Result {
        formatter
            .debug_struct("Feed")
            .field("source", &self.source)
            .finish_non_exhaustive()
    }
}

impl Feed<'_> {
    /// Sets a global variable before the snippet runs; it stays afterwards.
    ///
    /// # Errors
    ///
    /// If Python has no such value.
    pub fn input(mut self, name: &str, value: impl Serialize) -> Result<Self, Error> {
        self.inputs = self.inputs.set(name, value)?;
        Ok(self)
    }

    /// Options of the snippet. Unset options are the session's.
    pub fn options(mut self, options: FeedOptions) -> Self {
        self.options = options;
        self
    }

    /// Runs the snippet to its end.
    ///
    /// # Errors
    ///
    /// If it has no result; [`Error::kind`] says why. Also if a tool suspends
    /// it: use [`start`](Self::start) instead.
    pub async fn run(self) -> Result<Report, Error> {
        self.start().await?.finished()
    }

    /// Runs the snippet until it ends or a tool suspends it.
    ///
    /// # Errors
    ///
    /// If it has no result; [`Error::kind`] says why.
    pub async fn start(self) -> Result<Progress, Error> {
        let Self {
            session,
            source,
            inputs,
            options,
        } = self;
        session.stops.forget_interrupts();
        let mut advice = None;
        if let Some(history) = &mut session.history {
            history.add_inputs(&inputs);
            let check = history.after(session.monty.check(source.as_str()));
            let check = history.checks.run(check, &session.stops);
            // In a box of its own, which the feeds that are not checked need not hold.
            advice = Some(Box::pin(check).await?);
        }
        let span = debug_span!("monty.feed", outcome = Empty);
        let run = session
            .run(async |session, store, _| session.feed(store, &source, inputs, options).await);
        let progress = traced(Box::pin(run), span).await;
        if let Some(history) = &mut session.history {
            history.add(source, progress.as_ref().err());
        }
        advised(progress, advice)
    }

    /// The blocking twin of [`run`](Self::run).
    ///
    /// # Errors
    ///
    /// As [`run`](Self::run), and from inside an async function.
    pub fn run_blocking(self) -> Result<Report, Error> {
        block_on("run", self.run())
    }

    /// The blocking twin of [`start`](Self::start).
    ///
    /// # Errors
    ///
    /// As [`start`](Self::start), and from inside an async function.
    pub fn start_blocking(self) -> Result<Progress, Error> {
        block_on("start", self.start())
    }
}

/// A call to make of a function that a session defined.
///
/// A call has arguments but no inputs:
///
/// ```compile_fail
/// # fn example(session: &mut monty_host::Session) -> Result<(), monty_host::Error> {
/// session.call("f").input("a", 1)?;
/// # Ok(())
/// # }
/// ```
#[must_use = "a call does nothing before it is run"]
pub struct FunctionCall<'a> {
    session: &'a mut Session,
    function: String,
    arguments: Arguments,
    options: FeedOptions,
}

impl std::fmt::Debug for FunctionCall<'_> {
    fn fmt(&self, formatter: &mut std::fmt::Formatter<'_>) -> std::fmt::Result {
        formatter
            .debug_struct("FunctionCall")
            .field("function", &self.function)
            .finish_non_exhaustive()
    }
}

impl FunctionCall<'_> {
    /// The next positional argument.
    ///
    /// # Errors
    ///
    /// If Python has no such value.
    pub fn argument(mut self, value: impl Serialize) -> Result<Self, Error> {
        self.arguments = self.arguments.positional(value)?;
        Ok(self)
    }

    /// A keyword argument.
    ///
    /// # Errors
    ///
    /// If Python has no such value, or the argument is given twice.
    pub fn keyword(mut self, name: &str, value: impl Serialize) -> Result<Self, Error> {
        self.arguments = self.arguments.keyword(name, value)?;
        Ok(self)
    }

    /// Awaits the return value, for an `async def`.
    pub fn awaits(mut self) -> Self {
        self.arguments = self.arguments.awaits();
        self
    }

    /// Options of the call. Unset options are the session's.
    pub fn options(mut self, options: FeedOptions) -> Self {
        self.options = options;
        self
    }

    /// Makes the call, and runs it to its end.
    ///
    /// # Errors
    ///
    /// If it has no result; [`Error::kind`] says why. Also if a tool suspends
    /// it: use [`start`](Self::start) instead.
    pub async fn run(self) -> Result<Report, Error> {
        self.start().await?.finished()
    }

    /// Makes the call, and runs it until it ends or a tool suspends it.
    ///
    /// # Errors
    ///
    /// If it has no result; [`Error::kind`] says why.
    pub async fn start(self) -> Result<Progress, Error> {
        let Self {
            session,
            function,
            arguments,
            options,
        } = self;
        session.stops.forget_interrupts();
        let span = debug_span!("monty.feed", function, outcome = Empty);
        let run = session.run(async |session, store, _| {
            session.call(store, &function, arguments, options).await
        });
        traced(Box::pin(run), span).await
    }

    /// The blocking twin of [`run`](Self::run).
    ///
    /// # Errors
    ///
    /// As [`run`](Self::run), and from inside an async function.
    pub fn run_blocking(self) -> Result<Report, Error> {
        block_on("run", self.run())
    }

    /// The blocking twin of [`start`](Self::start).
    ///
    /// # Errors
    ///
    /// As [`start`](Self::start), and from inside an async function.
    pub fn start_blocking(self) -> Result<Progress, Error> {
        block_on("start", self.start())
    }
}

/// The resumption of a session's suspended snippet. Its limits stay those it
/// started with.
#[must_use = "a suspended snippet does not go on before it is run"]
pub struct SessionResume<'a> {
    session: &'a mut Session,
    answers: Answers,
    options: FeedOptions,
}

impl std::fmt::Debug for SessionResume<'_> {
    fn fmt(&self, formatter: &mut std::fmt::Formatter<'_>) -> std::fmt::Result {
        formatter
            .debug_struct("SessionResume")
            .field("answers", &self.answers)
            .finish_non_exhaustive()
    }
}

impl SessionResume<'_> {
    /// A sink for the snippet's prints from here on.
    pub fn print(mut self, print: impl crate::Print + 'static) -> Self {
        self.options = self.options.print(print);
        self
    }

    /// Resumes the snippet and runs it to its end.
    ///
    /// # Errors
    ///
    /// If it has no result, the answers do not match the waiting calls, or
    /// nothing is suspended. Also if a tool suspends it again:
    /// [`start`](Self::start) is for those.
    pub async fn run(self) -> Result<Report, Error> {
        self.start().await?.finished()
    }

    /// Resumes the snippet and runs it until it ends or is suspended again.
    ///
    /// # Errors
    ///
    /// If it has no result, the answers do not match the waiting calls, or
    /// nothing is suspended.
    pub async fn start(self) -> Result<Progress, Error> {
        let Self {
            session,
            answers,
            options,
        } = self;
        session.stops.forget_interrupts();
        let span = debug_span!("monty.resume", outcome = Empty);
        let run = session.run(async |session, store, budget| {
            let budget = budget.cloned().unwrap_or_default();
            session.resume(store, answers, &budget, options).await
        });
        traced(Box::pin(run), span).await
    }

    /// The blocking twin of [`run`](Self::run).
    ///
    /// # Errors
    ///
    /// As [`run`](Self::run), and from inside an async function.
    pub fn run_blocking(self) -> Result<Report, Error> {
        block_on("run", self.run())
    }

    /// The blocking twin of [`start`](Self::start).
    ///
    /// # Errors
    ///
    /// As [`start`](Self::start), and from inside an async function.
    pub fn start_blocking(self) -> Result<Progress, Error> {
        block_on("start", self.start())
    }
}

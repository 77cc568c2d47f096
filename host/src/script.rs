//! A script and its run.

use std::future::Future;
use std::sync::OnceLock;

use monty_value::graph::GraphCaps;
use serde::Serialize;
use tracing::Instrument;
use tracing::field::Empty;

use crate::bindings::exports::monty::sandbox::interpreter::{Failure, Outcome};
use crate::context::MontyCtx;
use crate::error::Error;
use crate::inputs::{Answers, Inputs};
use crate::interrupt::InterruptHandle;
use crate::monty::Monty;
use crate::os::Random;
use crate::print::Collect;
use crate::report::{Progress, Report, Suspension};
use crate::setup::{Setup, capability_methods, option_methods};
use crate::snapshot::{Header, Snapshot, Subject};
use crate::state::{self, Ended, RunState};
use crate::statistics::Usage;
use crate::tools::Call;
use crate::watch::Watch;

/// A script, and all that it can touch.
///
/// By default:
///
/// * it has no inputs, calls nothing and reaches no file, no variable and no
///   module;
/// * the time of day and randomness are those of this machine;
/// * what it prints is in the [`Report`];
/// * it runs within the default [`Limits`](crate::Limits);
/// * tracebacks call it `script.py`.
#[must_use = "a script does nothing before it is run"]
pub struct Script {
    monty: Monty,
    source: String,
    inputs: Inputs,
    setup: Setup,
}

impl std::fmt::Debug for Script {
    fn fmt(&self, formatter: &mut std::fmt::Formatter<'_>) -> std::fmt::Result {
        formatter
            .debug_struct("Script")
            .field("name", &self.setup.name)
            .field("source", &self.source)
            .finish_non_exhaustive()
    }
}

impl Monty {
    /// A script to run. Nothing happens before [`Script::run`].
    pub fn script(&self, source: impl Into<String>) -> Script {
        Script {
            monty: self.clone(),
            source: source.into(),
            inputs: Inputs::new(),
            setup: Setup::new(),
        }
    }

    /// Goes on with a script that was suspended. It reaches what it is given
    /// here; limits, names and clocks are those that it started with.
    pub fn resume(&self, snapshot: &Snapshot, answers: Answers) -> Resume {
        Resume {
            monty: self.clone(),
            snapshot: snapshot.clone(),
            answers,
            setup: Setup::new(),
        }
    }

    /// The calls that a script or a session waits for, in the order in which
    /// they were made. None if it waits for nothing.
    ///
    /// # Errors
    ///
    /// If this interpreter cannot go on from the snapshot.
    pub async fn suspended_calls(&self, snapshot: &Snapshot) -> Result<Vec<Call>, Error> {
        let _slot = self.slot(&InterruptHandle::new()).await?;
        let mut store = RunState::store(self.engine(), MontyCtx::new(), Random::System, 0);
        let calls = async {
            let sandbox = self.sandbox().instantiate_async(&mut store).await?;
            sandbox
                .monty_sandbox_interpreter()
                .call_suspended_calls(&mut store, &snapshot.guest)
                .await
        };
        match calls.await {
            Ok(Ok(calls)) => state::decode_calls(calls, GraphCaps::DEFAULT).map_err(Error::request),
            Ok(Err(failure)) => Err(state::failed(failure)),
            Err(error) => Err(store.data().stopped(error)),
        }
    }
}

impl Script {
    /// A global variable that the script starts with. An object that is held
    /// twice, in one input or in two, is one object in the script.
    ///
    /// # Errors
    ///
    /// If the value has no form in Python; the message names the input.
    pub fn input(mut self, name: &str, value: impl Serialize) -> Result<Self, Error> {
        self.inputs.push(name, value)?;
        Ok(self)
    }

    capability_methods!();
    option_methods!();

    /// Runs the script in a fresh instance.
    ///
    /// Dropping the future stops the script and cancels the tools under way.
    ///
    /// # Errors
    ///
    /// If the script has no result; [`Error::kind`] says why. Also if a tool
    /// suspends it: [`start`](Self::start) is for those.
    pub async fn run(self) -> Result<Report, Error> {
        self.start().await?.finished()
    }

    /// Runs the script in a fresh instance, until it ends or a tool suspends
    /// it.
    ///
    /// Dropping the future stops the script and cancels the tools under way.
    ///
    /// # Errors
    ///
    /// If the script has no result; [`Error::kind`] says why.
    pub async fn start(self) -> Result<Progress, Error> {
        let monty = self.monty.clone();
        let interrupt = &self.setup.context.stops.interrupt;
        interrupt.reset();
        let _slot = monty.slot(interrupt).await?;
        let span = tracing::debug_span!(
            "monty.run",
            name = self.setup.name.as_deref(),
            outcome = Empty
        );
        let source = self.source;
        let (options, context, random, printed) = self.setup.into_options(self.inputs.finish()?);
        let run = Run::new(&monty, context, random, 0, printed);
        let result = run.of(&monty, Usage::default(), async |instance, store| {
            let run = monty.exports().run(&mut *store, &instance)?;
            let (ended,) = run.call_async(store, (&source, &options)).await?;
            Ok(ended)
        });
        traced(result, span).await
    }

    /// Runs the script in a fresh instance, on this thread.
    ///
    /// Async tools run on a runtime that all such calls share.
    ///
    /// # Errors
    ///
    /// If the script has no result; [`Error::kind`] says why. Also from inside
    /// an async function, whose thread must not be blocked.
    pub fn run_blocking(self) -> Result<Report, Error> {
        block_on(self.run())?
    }

    /// The blocking twin of [`start`](Self::start).
    ///
    /// # Errors
    ///
    /// As [`run_blocking`](Self::run_blocking).
    pub fn start_blocking(self) -> Result<Progress, Error> {
        block_on(self.start())?
    }
}

/// A script that goes on from a [`Snapshot`], and all that it can touch.
#[must_use = "a script does nothing before it is run"]
pub struct Resume {
    monty: Monty,
    snapshot: Snapshot,
    answers: Answers,
    setup: Setup,
}

impl std::fmt::Debug for Resume {
    fn fmt(&self, formatter: &mut std::fmt::Formatter<'_>) -> std::fmt::Result {
        formatter
            .debug_struct("Resume")
            .field("snapshot", &self.snapshot)
            .field("answers", &self.answers)
            .finish_non_exhaustive()
    }
}

impl Resume {
    capability_methods!();

    /// Runs the script on, to its end.
    ///
    /// # Errors
    ///
    /// As [`Script::run`], and if the answers are not those that the script
    /// waits for.
    pub async fn run(self) -> Result<Report, Error> {
        self.start().await?.finished()
    }

    /// Runs the script on, until it ends or is suspended again.
    ///
    /// # Errors
    ///
    /// As [`Script::start`], and if the answers are not those that the script
    /// waits for.
    pub async fn start(self) -> Result<Progress, Error> {
        let header = *self.snapshot.header.clone();
        let Subject::Script(budget) = header.subject else {
            return Err(Error::request(
                "the snapshot is of a session: restore it with `SessionBuilder::restore`",
            ));
        };
        let monty = self.monty.clone();
        let interrupt = &self.setup.context.stops.interrupt;
        interrupt.reset();
        let _slot = monty.slot(interrupt).await?;
        let span = tracing::debug_span!("monty.resume", outcome = Empty);
        let answers = self.answers.into_message();
        let context = self.setup.context.limits(budget.limits);
        let generation = header.generation + 1;
        let run = Run::new(
            &monty,
            context,
            header.random,
            generation,
            self.setup.printed,
        );
        let guest = self.snapshot.guest;
        let result = run.of(&monty, budget.used, async |instance, store| {
            let resume = monty.exports().resume(&mut *store, &instance)?;
            let (ended,) = resume.call_async(store, (&guest, &answers)).await?;
            Ok(ended)
        });
        traced(result, span).await
    }

    /// The blocking twin of [`run`](Self::run).
    ///
    /// # Errors
    ///
    /// As [`Script::run_blocking`].
    pub fn run_blocking(self) -> Result<Report, Error> {
        block_on(self.run())?
    }

    /// The blocking twin of [`start`](Self::start).
    ///
    /// # Errors
    ///
    /// As [`Script::run_blocking`].
    pub fn start_blocking(self) -> Result<Progress, Error> {
        block_on(self.start())?
    }
}

/// A script in an instance of its own.
struct Run {
    store: wasmtime::Store<RunState>,
    random: Random,
    generation: u64,
    printed: Option<Collect>,
}

impl Run {
    fn new(
        monty: &Monty,
        mut context: MontyCtx,
        random: Random,
        generation: u64,
        printed: Option<Collect>,
    ) -> Self {
        context.stops.shut_down = monty.shut_down_flag();
        Self {
            store: RunState::store(monty.engine(), context, random, generation),
            random,
            generation,
            printed,
        }
    }

    /// Runs it by a call of an export.
    async fn of<F>(mut self, monty: &Monty, before: Usage, call: F) -> Result<Progress, Error>
    where
        F: AsyncFnOnce(
            wasmtime::component::Instance,
            &mut wasmtime::Store<RunState>,
        ) -> wasmtime::Result<Result<Outcome, Failure>>,
    {
        self.store.data_mut().begin(before, monty.slots());
        let watch = Watch::of(self.store.data_mut().context());
        let instance = monty.sandbox().instance_pre();
        let result = watch
            .over(async {
                let instance = instance.instantiate_async(&mut self.store).await?;
                call(instance, &mut self.store).await
            })
            .await;
        let mut state = self.store.into_data();
        let outcome = state.outcome(result);
        let header = Header {
            subject: Subject::Script(state.context().budget()),
            random: self.random,
            generation: self.generation,
        };
        progress(&state, outcome, header, self.printed.as_ref())
    }
}

/// What a piece of code has come to.
pub(crate) fn progress(
    state: &RunState,
    outcome: Result<Ended, Error>,
    header: Header,
    printed: Option<&Collect>,
) -> Result<Progress, Error> {
    let statistics = state.statistics();
    let printed = printed.map(Collect::take).unwrap_or_default();
    match outcome {
        Ok(Ended::Completed(value)) => Ok(Progress::Finished(Report {
            value,
            printed,
            statistics,
        })),
        Ok(Ended::Suspended { calls, guest }) => Ok(Progress::Suspended(Suspension {
            calls,
            snapshot: Snapshot {
                header: Box::new(header),
                guest: guest.into(),
            },
            printed,
            statistics,
        })),
        Err(error) => Err(error.after_run(statistics, printed)),
    }
}

/// Runs within a span that tells the outcome.
pub(crate) async fn traced(
    run: impl Future<Output = Result<Progress, Error>>,
    span: tracing::Span,
) -> Result<Progress, Error> {
    let result = run.instrument(span.clone()).await;
    span.record(
        "outcome",
        match &result {
            Ok(Progress::Finished(_)) => "finished",
            Ok(Progress::Suspended(_)) => "suspended",
            Err(error) => error.kind().name(),
        },
    );
    result
}

/// Blocks on a future, on a runtime that all blocking calls share.
pub(crate) fn block_on<F: Future>(future: F) -> Result<F::Output, Error> {
    static RUNTIME: OnceLock<tokio::runtime::Runtime> = OnceLock::new();
    if tokio::runtime::Handle::try_current().is_ok() {
        return Err(Error::request(
            "run_blocking() was called from an async function; use `run().await`",
        ));
    }
    let runtime = match RUNTIME.get() {
        Some(runtime) => runtime,
        None => {
            let runtime = tokio::runtime::Builder::new_multi_thread()
                .worker_threads(1)
                .thread_name("monty-blocking")
                .enable_all()
                .build()
                .map_err(|error| {
                    Error::sandbox(format!("cannot start a runtime: {error}"), None)
                })?;
            RUNTIME.get_or_init(|| runtime)
        }
    };
    Ok(runtime.block_on(future))
}

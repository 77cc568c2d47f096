//! A script and its run.

use std::future::Future;
use std::sync::{Arc, OnceLock};

use monty_value::graph::GraphCaps;
use monty_value::{Encoder, TimeZone};
use serde::Serialize;

use crate::bindings::exports::monty::sandbox::interpreter::{self, Options};
use crate::context::MontyCtx;
use crate::error::Error;
use crate::limits::Limits;
use crate::monty::Monty;
use crate::os::{Clock, Os, Random};
use crate::print::{Collect, Print};
use crate::report::Report;
use crate::state::RunState;
use crate::tools::{ExternalCall, Tools};

/// A script, and all that it can touch.
///
/// By default:
///
/// * it has no inputs, calls nothing and reaches no file, no variable and no
///   module;
/// * the time of day and randomness are those of this machine;
/// * what it prints is in the [`Report`];
/// * it runs within the default [`Limits`];
/// * tracebacks call it `script.py`.
#[must_use = "a script does nothing before it is run"]
pub struct Script {
    monty: Monty,
    source: String,
    inputs: Encoder,
    values: Vec<monty_value::types::NamedOperand>,
    name: Option<String>,
    working_directory: Option<String>,
    clock: Clock,
    timezone: Option<interpreter::LocalTimezone>,
    random: Random,
    line_buffered: bool,
    explain_assertions: Option<bool>,
    context: MontyCtx,
    printed: Option<Collect>,
}

impl std::fmt::Debug for Script {
    fn fmt(&self, formatter: &mut std::fmt::Formatter<'_>) -> std::fmt::Result {
        formatter
            .debug_struct("Script")
            .field("name", &self.name)
            .field("source", &self.source)
            .finish_non_exhaustive()
    }
}

impl Monty {
    /// A script to run. Nothing happens before [`Script::run`].
    pub fn script(&self, source: impl Into<String>) -> Script {
        Script::new(self.clone(), source.into())
    }
}

impl Script {
    fn new(monty: Monty, source: String) -> Self {
        let printed = Collect::new();
        Self {
            monty,
            source,
            inputs: Encoder::new(GraphCaps::DEFAULT),
            values: Vec::new(),
            name: None,
            working_directory: None,
            clock: Clock::default(),
            timezone: None,
            random: Random::default(),
            line_buffered: false,
            explain_assertions: None,
            context: MontyCtx::new().print(printed.clone()),
            printed: Some(printed),
        }
    }

    /// The name of the script in tracebacks and `sys.argv[0]`.
    pub fn name(mut self, name: impl Into<String>) -> Self {
        self.name = Some(name.into());
        self
    }

    /// A global variable that the script starts with. An object that is held
    /// twice in one input is one object in the script; two inputs share none.
    ///
    /// # Errors
    ///
    /// If the value has no form in Python; the message names the input.
    pub fn input(mut self, name: &str, value: impl Serialize) -> Result<Self, Error> {
        let named = |error| Error::request(format_args!("input '{name}': {error}"));
        let value = monty_value::to_value(&value).map_err(named)?;
        let value = self.inputs.operand(&value);
        self.values.push(monty_value::types::NamedOperand {
            name: name.to_owned(),
            value,
        });
        Ok(self)
    }

    /// The functions and names that the script finds without defining them.
    pub fn tools(self, tools: &Tools) -> Self {
        self.external_call(Arc::new(tools.clone()))
    }

    /// Answers the script's calls in another way than [`Tools`].
    pub fn external_call(mut self, external: Arc<dyn ExternalCall>) -> Self {
        self.context = self.context.external_call(external);
        self
    }

    /// Files, environment, clocks, randomness and modules.
    pub fn os(self, os: impl Os + 'static) -> Self {
        self.shared_os(Arc::new(os))
    }

    /// Like [`os`](Self::os), for one that several scripts share.
    pub fn shared_os(mut self, os: Arc<dyn Os>) -> Self {
        self.context = self.context.os(os);
        self
    }

    /// Takes what the script prints while it runs, instead of the report.
    pub fn print(mut self, print: impl Print + 'static) -> Self {
        self.context = self.context.print(print);
        self.printed = None;
        self
    }

    /// Whether each printed line reaches the sink at its end. Otherwise small
    /// prints are gathered; order with calls is kept either way.
    pub fn line_buffered(mut self, line_buffered: bool) -> Self {
        self.line_buffered = line_buffered;
        self
    }

    /// What the run may use up.
    pub fn limits(mut self, limits: Limits) -> Self {
        self.context = self.context.limits(limits);
        self
    }

    /// The directory that relative paths start from, an absolute POSIX path of
    /// the sandbox. `/` by default.
    pub fn working_directory(mut self, path: impl Into<String>) -> Self {
        self.working_directory = Some(path.into());
        self
    }

    /// Where the time of day comes from.
    pub fn clock(mut self, clock: Clock) -> Self {
        self.clock = clock;
        self
    }

    /// The script's local time zone, by its offset. UTC by default.
    pub fn timezone(mut self, timezone: TimeZone) -> Self {
        self.timezone = Some(interpreter::LocalTimezone::Fixed(timezone));
        self
    }

    /// The script's local time zone, by its name in the IANA database, such as
    /// `Europe/London`.
    pub fn named_timezone(mut self, name: impl Into<String>) -> Self {
        self.timezone = Some(interpreter::LocalTimezone::Named(name.into()));
        self
    }

    /// Where an unseeded `random` starts.
    pub fn random(mut self, random: Random) -> Self {
        self.random = random;
        self
    }

    /// Whether a failed `assert` without a message tells the values it
    /// compared, which CPython does not. Yes by default.
    pub fn explain_assertions(mut self, explain: bool) -> Self {
        self.explain_assertions = Some(explain);
        self
    }

    /// Runs the script in a fresh instance.
    ///
    /// Dropping the future stops the script.
    ///
    /// # Errors
    ///
    /// If the script has no result; [`Error::kind`] says why.
    pub async fn run(self) -> Result<Report, Error> {
        let monty = self.monty.clone();
        let _slot = monty.slot().await?;
        self.run_in_slot().await
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

    async fn run_in_slot(self) -> Result<Report, Error> {
        let span = tracing::debug_span!("monty.run", name = self.name.as_deref());
        let printed = self.printed.clone();
        let options = Options {
            script_name: self.name,
            inputs: Some(interpreter::Inputs {
                values: self.values,
                graph: self.inputs.finish().map_err(Error::request)?,
            }),
            working_directory: self.working_directory,
            limits: Some(inner_limits(&self.context.limits)),
            clock: Some(self.clock.into()),
            local_timezone: self.timezone,
            randomness: Some(self.random.into()),
            line_buffered: Some(self.line_buffered),
            explain_assertions: self.explain_assertions,
        };

        let mut store = RunState::store(self.monty.engine(), self.context, self.random);
        let result = async {
            let sandbox = self.monty.sandbox().instantiate_async(&mut store).await?;
            sandbox
                .monty_sandbox_interpreter()
                .call_run(&mut store, &self.source, &options)
                .await
        };
        let result = tracing::Instrument::instrument(result, span).await;
        let state = store.into_data();
        let statistics = state.statistics();
        let printed = printed.map(|printed| printed.take()).unwrap_or_default();
        match state.outcome(result) {
            Ok(value) => Ok(Report {
                value,
                printed,
                statistics,
            }),
            Err(error) => Err(error.after_run(statistics, printed)),
        }
    }
}

/// The limits that the interpreter sees to.
fn inner_limits(limits: &Limits) -> interpreter::Limits {
    interpreter::Limits {
        max_duration_micros: limits
            .duration
            .map(|duration| u64::try_from(duration.as_micros()).unwrap_or(u64::MAX)),
        max_memory_bytes: limits.memory_bytes,
        max_recursion_depth: Some(limits.recursion_depth),
        gc_interval: limits.gc_interval,
    }
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

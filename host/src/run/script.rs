//! A script and its run.

use serde::Serialize;

use super::blocking::block_on;
use super::checks::{Checks, advised};
use super::monty::Monty;
use super::progress::{printing_to, progress, traced};
use super::ready::Instance;
use super::report::{Progress, Report};
use super::snapshot::{Header, Snapshot, Subject};
use super::store::RunState;
use crate::answers::Answers;
use crate::check::{CheckLimits, CheckRules, Declarations};
use crate::embed::{Inputs, Interpreter, MontyCtx, Outcome};
use crate::error::Error;
use crate::host::Host;
use crate::limits::Limits;
use crate::options::Options;
use crate::os::Randomness;
use crate::print::Collect;
use crate::spans::{Empty, debug_span};

/// A script, with everything it can touch.
///
/// By default:
///
/// * it has no inputs;
/// * it reaches nothing, and its prints are in the [`Report`]: see [`Host`];
/// * it runs within the default [`Limits`];
/// * the time of day and randomness are those of this machine: see [`Options`].
///
/// ```
/// use monty_host::{Limits, Monty, Tools};
///
/// let tools = Tools::new().function("price", ["item"], |item: String| item.len() * 10);
/// let script = Monty::new()?
///     .script("sum(price(item) for item in basket)")
///     .input("basket", ["tea", "milk"])?
///     .host(&tools)
///     .limits(Limits::default().with_calls(100));
/// let report = script.run_blocking()?;
/// assert_eq!(report.value.as_i64(), Some(70));
/// # Ok::<_, monty_host::Error>(())
/// ```
#[must_use = "a script does nothing before it is run"]
pub struct Script {
    monty: Monty,
    source: String,
    inputs: Inputs,
    host: Host,
    limits: Limits,
    options: Options,
    checks: Option<Checks>,
    declarations: Declarations,
}

impl std::fmt::Debug for Script {
    fn fmt(&self, formatter: &mut std::fmt::Formatter<'_>) -> std::fmt::Result {
        formatter
            .debug_struct("Script")
            .field("source", &self.source)
            .field("options", &self.options)
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
            host: Host::new(),
            limits: Limits::default(),
            options: Options::new(),
            checks: None,
            declarations: Declarations::new(),
        }
    }

    /// Resumes a suspended script. It reaches only what is given here; its
    /// limits, names and clocks stay those it started with.
    pub fn resume(&self, snapshot: &Snapshot, answers: Answers) -> Resume {
        Resume {
            monty: self.clone(),
            snapshot: snapshot.clone(),
            answers,
            host: Host::new(),
        }
    }
}

impl Script {
    /// Sets a global variable before the script starts. An object held twice,
    /// by one input or by two, is one object in the script.
    ///
    /// # Errors
    ///
    /// If Python has no such value; the message names the input.
    pub fn input(mut self, name: &str, value: impl Serialize) -> Result<Self, Error> {
        self.inputs = self.inputs.set(name, value)?;
        Ok(self)
    }

    /// What the script reaches, replacing earlier settings. Nothing by
    /// default.
    pub fn host(mut self, host: impl Into<Host>) -> Self {
        self.host = host.into();
        self
    }

    /// What the script may use up.
    pub fn limits(mut self, limits: Limits) -> Self {
        self.limits = limits;
        self
    }

    /// Options of the script, replacing earlier settings.
    pub fn options(mut self, options: Options) -> Self {
        self.options = options;
        self
    }

    /// Checks the types of the script before it runs, by the default rules. What
    /// rejects it is an error of kind [`Check`](crate::ErrorKind::Check), and nothing
    /// has run then; the rest is in [`Report::diagnostics`]. A script that takes the
    /// checker beyond its limits runs.
    ///
    /// ```
    /// # #[cfg(feature = "checker")] {
    /// use monty_host::{ErrorKind, Monty, Tools};
    ///
    /// let tools = Tools::new().function("pay", ["amount"], |amount: i64| amount);
    /// let script = Monty::new()?.script("pay(10)\npay(sum=20)").host(&tools).checked();
    /// let error = script.run_blocking().expect_err("`pay` has no parameter `sum`");
    /// assert_eq!(error.kind(), ErrorKind::Check); // nothing was paid
    /// # }
    /// # Ok::<_, monty_host::Error>(())
    /// ```
    pub fn checked(self) -> Self {
        self.checked_by(CheckRules::new(), CheckLimits::default())
    }

    /// The same by these rules, within these limits.
    pub fn checked_by(mut self, rules: CheckRules, limits: CheckLimits) -> Self {
        self.checks = Some(Checks { rules, limits });
        self
    }

    /// What the type checker is told beside the host's own declarations: stubs of
    /// tools that do not describe themselves, or types of inputs. They matter only to a
    /// script that is [checked](Self::checked).
    pub fn declarations(mut self, declarations: Declarations) -> Self {
        self.declarations = self.declarations.and(declarations);
        self
    }

    /// Runs the script in a fresh instance.
    ///
    /// Dropping the future stops the script and cancels the tools under way.
    ///
    /// # Errors
    ///
    /// If the script has no result; [`Error::kind`] says why. Also if a tool
    /// suspends it: use [`start`](Self::start) instead.
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
        let Self {
            monty,
            source,
            inputs,
            host,
            limits,
            options,
            checks,
            declarations,
        } = self;
        let checks = checks.map(|checks| {
            let name = options.script_name.as_deref().unwrap_or("script.py");
            let check = monty.check(source.as_str()).name(name).host(&host);
            let check = inputs
                .types()
                .fold(check, |check, (name, ty)| check.input(name, ty));
            (checks, check.declarations(declarations))
        });
        let (host, printed) = printing_to(host);
        let span = debug_span!(
            "monty.run",
            name = options.script_name.as_deref(),
            outcome = Empty
        );
        // From here on, interrupts are for this run.
        let context = MontyCtx::new(host).limits(limits);
        let advice = match checks {
            Some((checks, check)) => Some(checks.run(check, context.stops()).await?),
            None => None,
        };
        let run = Run {
            monty,
            randomness: options.randomness,
            stream: 0,
            printed,
        };
        let result = run.of(context, async |interpreter, store| {
            interpreter.run(store, &source, inputs, &options).await
        });
        advised(traced(Box::pin(result), span).await, advice)
    }

    /// The blocking twin of [`run`](Self::run): runs the script on this thread.
    ///
    /// Async tools run on a runtime that all such calls share.
    ///
    /// # Errors
    ///
    /// As [`run`](Self::run), and from inside an async function, whose thread
    /// must not be blocked.
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

/// The resumption of a script from a [`Snapshot`], with everything it can
/// touch.
#[must_use = "a script does nothing before it is run"]
pub struct Resume {
    monty: Monty,
    snapshot: Snapshot,
    answers: Answers,
    host: Host,
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
    /// What the script reaches from here on, replacing earlier settings.
    /// Nothing by default.
    pub fn host(mut self, host: impl Into<Host>) -> Self {
        self.host = host.into();
        self
    }

    /// Resumes the script and runs it to its end.
    ///
    /// # Errors
    ///
    /// As [`Script::run`], and if the answers do not match the waiting calls.
    pub async fn run(self) -> Result<Report, Error> {
        self.start().await?.finished()
    }

    /// Resumes the script and runs it until it ends or is suspended again.
    ///
    /// # Errors
    ///
    /// As [`Script::start`], and if the answers do not match the waiting calls.
    pub async fn start(self) -> Result<Progress, Error> {
        let Self {
            monty,
            snapshot,
            answers,
            host,
        } = self;
        let header = *snapshot.header;
        let Subject::Script(budget) = header.subject else {
            return Err(Error::request(
                "this is a session's snapshot: restore it with `SessionBuilder::restore`",
            ));
        };
        let (host, printed) = printing_to(host);
        let span = debug_span!("monty.resume", outcome = Empty);
        let context = MontyCtx::new(host).limits(budget.limits.clone());
        let guest = snapshot.guest;
        let run = Run {
            monty,
            randomness: header.randomness,
            stream: header.stream + 1,
            printed,
        };
        let result = run.of(context, async |interpreter, store| {
            interpreter.resume(store, &guest, answers, &budget).await
        });
        traced(Box::pin(result), span).await
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

/// A script in its own instance.
struct Run {
    monty: Monty,
    randomness: Randomness,
    /// Counts the instances that draw from the same seed.
    stream: u64,
    printed: Option<Collect>,
}

impl Run {
    async fn of<F>(self, context: MontyCtx, run: F) -> Result<Progress, Error>
    where
        F: AsyncFnOnce(&Interpreter, &mut wasmtime::Store<RunState>) -> Result<Outcome, Error>,
    {
        let Self {
            monty,
            randomness,
            stream,
            printed,
        } = self;
        let _slot = monty.slot(context.stops()).await?;
        let mut instance = monty.instance(context, randomness, stream).await?;
        let Instance { store, interpreter } = &mut instance;
        let outcome = run(interpreter, store).await;
        let header = |budget| Header {
            subject: Subject::Script(budget),
            randomness,
            stream,
        };
        let progress = progress(store, outcome, header, printed.as_ref());
        monty.clean_up(instance.store);
        progress
    }
}

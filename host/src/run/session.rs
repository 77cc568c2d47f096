//! Sessions, which keep their names from one snippet to the next.

use std::sync::Arc;

use super::blocking::block_on;
use super::checks::{Checks, History};
use super::monty::Monty;
use super::pool::Slot;
use super::progress::printing_to;
use super::ready::Instance;
use super::resting::{CANCELLED, Live, Parked, Rest, Resting};
use super::snapshot::{Header, Snapshot, Subject};
use crate::account::stop::{InterruptHandle, Stops};
use crate::check::{CheckLimits, CheckRules};
use crate::embed::{Budget, MontyCtx};
use crate::error::Error;
use crate::host::Host;
use crate::limits::Limits;
use crate::options::Options;
use crate::os::Randomness;
use crate::print::Collect;

/// Settings for opening a [`Session`]. The defaults are those of
/// [`Script`](crate::Script).
#[must_use = "a session is opened by `open` or `restore`"]
pub struct SessionBuilder {
    monty: Monty,
    host: Host,
    limits: Limits,
    options: Options,
    checks: Option<Checks>,
}

impl std::fmt::Debug for SessionBuilder {
    fn fmt(&self, formatter: &mut std::fmt::Formatter<'_>) -> std::fmt::Result {
        formatter
            .debug_struct("SessionBuilder")
            .field("options", &self.options)
            .finish_non_exhaustive()
    }
}

impl Monty {
    /// A session to open.
    pub fn session(&self) -> SessionBuilder {
        SessionBuilder {
            monty: self.clone(),
            host: Host::new(),
            limits: Limits::default(),
            options: Options::new(),
            checks: None,
        }
    }
}

impl SessionBuilder {
    /// What the session reaches, replacing earlier settings. Nothing by
    /// default.
    pub fn host(mut self, host: impl Into<Host>) -> Self {
        self.host = host.into();
        self
    }

    /// What each snippet may use up.
    pub fn limits(mut self, limits: Limits) -> Self {
        self.limits = limits;
        self
    }

    /// Options of the session, replacing earlier settings.
    pub fn options(mut self, options: Options) -> Self {
        self.options = options;
        self
    }

    /// Checks the types of each snippet before it runs, as
    /// [`Script::checked`](crate::Script::checked) does: with all that earlier snippets
    /// defined, as far as they ran. In a restored session, names may be defined that
    /// the checker knows nothing of; undefined ones are not reported there.
    pub fn checked(self) -> Self {
        self.checked_by(CheckRules::new(), CheckLimits::default())
    }

    /// The same by these rules, within these limits.
    pub fn checked_by(mut self, rules: CheckRules, limits: CheckLimits) -> Self {
        self.checks = Some(Checks { rules, limits });
        self
    }

    fn history(&mut self) -> Option<History> {
        let checks = self.checks.take()?;
        Some(History::new(checks, self.host.clone()))
    }

    /// Opens an empty session.
    ///
    /// # Errors
    ///
    /// If an option is invalid, or no instance is available.
    pub async fn open(mut self) -> Result<Session, Error> {
        let history = self.history();
        let (host, printed) = printing_to(self.host);
        let context = MontyCtx::new(host).limits(self.limits);
        let mut session = Session::new(self.monty, &context, self.options.randomness, printed);
        session.history = history;
        let slot = session.monty.slot(&session.stops).await?;
        let Instance {
            mut store,
            interpreter,
        } = session.instance(context).await?;
        let guest = interpreter.open_session(&mut store, &self.options).await?;
        let live = Live {
            store,
            session: guest,
            _slot: slot,
        };
        session.rest = Rest::new(Resting::Live(Box::new(live)));
        session.make_available().await;
        Ok(session)
    }

    /// Opens a session from a snapshot. It reaches only what is given here; its
    /// limits, names and clocks stay those it was opened with.
    ///
    /// # Errors
    ///
    /// If this interpreter cannot resume the snapshot, or no instance is
    /// available.
    pub async fn restore(mut self, snapshot: &Snapshot) -> Result<Session, Error> {
        let header = &snapshot.header;
        let Subject::Session { limits, suspended } = &header.subject else {
            return Err(Error::request(
                "this is a script's snapshot: resume it with `Monty::resume`",
            ));
        };
        let mut history = self.history();
        if let Some(history) = &mut history {
            history.open();
        }
        let (host, printed) = printing_to(self.host);
        let context = MontyCtx::new(host).limits(limits.clone());
        let mut session = Session::new(self.monty, &context, header.randomness, printed);
        session.history = history;
        session.stream = header.stream + 1;
        session.suspended.clone_from(suspended);
        let slot = session.monty.slot(&session.stops).await?;
        let live = session.restore(slot, context, snapshot.guest()).await?;
        session.rest = Rest::new(Resting::Live(Box::new(live)));
        session.make_available().await;
        Ok(session)
    }

    /// The blocking twin of [`open`](Self::open).
    ///
    /// # Errors
    ///
    /// As [`open`](Self::open), and from inside an async function.
    pub fn open_blocking(self) -> Result<Session, Error> {
        block_on("open", self.open())
    }

    /// The blocking twin of [`restore`](Self::restore).
    ///
    /// # Errors
    ///
    /// As [`restore`](Self::restore), and from inside an async function.
    pub fn restore_blocking(self, snapshot: &Snapshot) -> Result<Session, Error> {
        block_on("restore", self.restore(snapshot))
    }
}

/// A Python session, which keeps its names from one snippet to the next.
///
/// After a script error, the session keeps everything defined before it. A
/// session ends for good when the interpreter traps or the future of its
/// snippet is dropped. If that would be a loss, [`dump`](Self::dump) it first.
///
/// An idle session holds an instance until another run needs it. It is then
/// dumped to bytes, and gets another instance with its next snippet.
///
/// ```
/// # tokio::runtime::Builder::new_current_thread().build()?.block_on(async {
/// let monty = monty_host::Monty::new()?;
/// let mut session = monty.session().open().await?;
/// session.feed("def double(n):\n    return 2 * n").run().await?;
/// let report = session.feed("double(n)").input("n", 21)?.run().await?;
/// assert_eq!(report.value.as_i64(), Some(42));
/// let report = session.call("double").argument("ab")?.run().await?;
/// assert_eq!(report.value.as_str(), Some("abab"));
/// # Ok::<_, monty_host::Error>(()) })?;
/// # Ok::<_, Box<dyn std::error::Error>>(())
/// ```
pub struct Session {
    pub(super) monty: Monty,
    pub(super) rest: Arc<Rest>,
    pub(super) stops: Stops,
    pub(super) printed: Option<Collect>,
    /// What the suspended snippet may use up, if one is.
    pub(super) suspended: Option<Budget>,
    /// What ran so far, if snippets are checked.
    pub(super) history: Option<History>,
    limits: Limits,
    randomness: Randomness,
    /// Counts the instances that draw from the same seed.
    stream: u64,
}

impl std::fmt::Debug for Session {
    fn fmt(&self, formatter: &mut std::fmt::Formatter<'_>) -> std::fmt::Result {
        formatter
            .debug_struct("Session")
            .field("suspended", &self.suspended.is_some())
            .finish_non_exhaustive()
    }
}

impl Session {
    fn new(
        monty: Monty,
        context: &MontyCtx,
        randomness: Randomness,
        printed: Option<Collect>,
    ) -> Self {
        Self {
            monty,
            rest: Rest::new(Resting::Gone(CANCELLED.to_owned())),
            stops: context.stops().clone(),
            printed,
            suspended: None,
            history: None,
            limits: context.current_limits().clone(),
            randomness,
            stream: 0,
        }
    }

    /// Abandons the suspended snippet. The names it defined stay.
    ///
    /// # Errors
    ///
    /// If the session has ended, or no instance is available.
    pub async fn abandon(&mut self) -> Result<(), Error> {
        self.stops.forget_interrupts();
        let rest = Arc::clone(&self.rest);
        let mut resting = rest.lock().await;
        let mut live = self.wake(&mut resting).await?;
        live.session.abandon(&mut live.store).await?;
        self.suspended = None;
        *resting = Resting::Live(live);
        drop(resting);
        self.make_available().await;
        Ok(())
    }

    /// The blocking twin of [`abandon`](Self::abandon).
    ///
    /// # Errors
    ///
    /// As [`abandon`](Self::abandon), and from inside an async function.
    pub fn abandon_blocking(&mut self) -> Result<(), Error> {
        block_on("abandon", self.abandon())
    }

    /// Whether a snippet is suspended.
    pub fn is_suspended(&self) -> bool {
        self.suspended.is_some()
    }

    /// The names of the functions that the session defined. Empty while it is
    /// suspended.
    ///
    /// # Errors
    ///
    /// If the session has ended, or no instance is available.
    pub async fn functions(&mut self) -> Result<Vec<String>, Error> {
        self.stops.forget_interrupts();
        let rest = Arc::clone(&self.rest);
        let mut resting = rest.lock().await;
        let mut live = self.wake(&mut resting).await?;
        let functions = live.session.functions(&mut live.store).await?;
        *resting = Resting::Live(live);
        drop(resting);
        self.make_available().await;
        Ok(functions)
    }

    /// The blocking twin of [`functions`](Self::functions).
    ///
    /// # Errors
    ///
    /// As [`functions`](Self::functions), and from inside an async function.
    pub fn functions_blocking(&mut self) -> Result<Vec<String>, Error> {
        block_on("functions", self.functions())
    }

    /// A snapshot of the session, idle or suspended.
    ///
    /// # Errors
    ///
    /// If the session has ended.
    pub async fn dump(&mut self) -> Result<Snapshot, Error> {
        self.stops.forget_interrupts();
        let guest = self.rest.dump().await?;
        self.make_available().await;
        Ok(Snapshot::new(self.header(), guest))
    }

    /// The blocking twin of [`dump`](Self::dump).
    ///
    /// # Errors
    ///
    /// As [`dump`](Self::dump), and from inside an async function.
    pub fn dump_blocking(&mut self) -> Result<Snapshot, Error> {
        block_on("dump", self.dump())
    }

    /// Dumps the session to bytes until its next snippet, and releases its
    /// instance.
    pub async fn park(&mut self) {
        Arc::clone(&self.rest).park_in_task().await;
    }

    /// The blocking twin of [`park`](Self::park).
    ///
    /// # Errors
    ///
    /// From inside an async function.
    pub fn park_blocking(&mut self) -> Result<(), Error> {
        block_on("park", async {
            self.park().await;
            Ok(())
        })
    }

    /// Stops the running snippet, from another thread or task.
    pub fn interrupt_handle(&self) -> InterruptHandle {
        self.stops.interrupt_handle().clone()
    }

    pub(super) fn header(&self) -> Header {
        Header {
            subject: Subject::Session {
                limits: self.limits.clone(),
                suspended: self.suspended.clone(),
            },
            randomness: self.randomness,
            stream: self.stream,
        }
    }

    /// Takes the session from rest, in an instance. If it is not put back, it
    /// has ended.
    pub(super) async fn wake(&mut self, resting: &mut Resting) -> Result<Box<Live>, Error> {
        self.monty.check_open()?;
        if let Resting::Parked(parked) = resting {
            // Dropping this while it waits leaves the session intact.
            let slot = self.monty.slot(&self.stops).await?;
            self.stream += 1;
            let Parked { context, guest } = std::mem::take(&mut **parked);
            *resting = Resting::Gone(CANCELLED.to_owned());
            match self.restore(slot, context, &guest).await {
                Ok(live) => *resting = Resting::Live(Box::new(live)),
                Err(error) => {
                    *resting = Resting::Gone(format!("the session ended: {error}"));
                    return Err(error);
                }
            }
        }
        match std::mem::replace(resting, Resting::Gone(CANCELLED.to_owned())) {
            Resting::Live(mut live) => {
                self.monty.hold(&mut live.store);
                Ok(live)
            }
            other => {
                let error = Error::request(other.reason());
                *resting = other;
                Err(error)
            }
        }
    }

    /// Offers the instance to others.
    pub(super) async fn make_available(&self) {
        // In this order, so that a run that begins to wait in between finds it
        // here.
        let rest = Arc::downgrade(&self.rest);
        self.monty.pool().rest(rest);
        if self.monty.pool().is_wanted() {
            Arc::clone(&self.rest).park_in_task().await;
        }
    }

    async fn instance(&self, context: MontyCtx) -> Result<Instance, Error> {
        let (randomness, stream) = (self.randomness, self.stream);
        self.monty.instance(context, randomness, stream).await
    }

    /// The session in a new instance.
    async fn restore(&self, slot: Slot, context: MontyCtx, guest: &[u8]) -> Result<Live, Error> {
        let Instance {
            mut store,
            interpreter,
        } = self.instance(context).await?;
        let session = interpreter.restore_session(&mut store, guest).await?;
        Ok(Live {
            store,
            session,
            _slot: slot,
        })
    }
}

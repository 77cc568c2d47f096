//! Sessions: Python that keeps its names between one piece of code and the
//! next.

use std::sync::Arc;

use serde::Serialize;
use tokio::runtime::Handle;
use tokio::sync::{Mutex, MutexGuard, OwnedSemaphorePermit};
use tracing::field::Empty;
use wasmtime::Store;
use wasmtime::component::ResourceAny;

use crate::bindings::Sandbox;
use crate::bindings::exports::monty::sandbox::interpreter::{
    self, Failure, FeedOptions, FunctionCall, Options, Outcome,
};
use crate::context::MontyCtx;
use crate::error::{Error, ErrorKind};
use crate::inputs::{Answers, Arguments, Inputs};
use crate::interrupt::InterruptHandle;
use crate::limits::Limits;
use crate::monty::Monty;
use crate::nesting::Slots;
use crate::os::Random;
use crate::print::{Collect, Print};
use crate::report::{Progress, Report};
use crate::script::{block_on, progress, traced};
use crate::setup::{Setup, capability_methods, inner_limits, option_methods};
use crate::snapshot::{Header, Snapshot, Subject};
use crate::state::{self, RunState};
use crate::statistics::{Budget, Usage};
use crate::watch::Watch;

/// How a [`Session`] is opened. The defaults are those of
/// [`Script`](crate::Script).
#[must_use = "a session is opened by `open` or `restore`"]
pub struct SessionBuilder {
    monty: Monty,
    setup: Setup,
}

impl std::fmt::Debug for SessionBuilder {
    fn fmt(&self, formatter: &mut std::fmt::Formatter<'_>) -> std::fmt::Result {
        formatter
            .debug_struct("SessionBuilder")
            .field("name", &self.setup.name)
            .finish_non_exhaustive()
    }
}

impl Monty {
    /// A session to open.
    pub fn session(&self) -> SessionBuilder {
        SessionBuilder {
            monty: self.clone(),
            setup: Setup::new(),
        }
    }
}

impl SessionBuilder {
    capability_methods!();
    option_methods!();

    /// Opens a session in which nothing is defined.
    ///
    /// # Errors
    ///
    /// If an option is not valid, or there is no instance to be had.
    pub async fn open(mut self) -> Result<Session, Error> {
        let handle = self.interrupt_handle();
        handle.reset();
        let (options, context, random, printed) = self.setup.into_options(None);
        let mut session = Session::new(self.monty, context.limits.clone(), random, handle, printed);
        let live = session
            .instantiate(context, Origin::New(Box::new(options)))
            .await?;
        session.rest = Arc::new(Rest::new(Resting::Live(Box::new(live))));
        session.make_available().await;
        Ok(session)
    }

    /// Opens a session from a snapshot. It reaches what it is given here;
    /// limits, names and clocks are those that it was opened with.
    ///
    /// # Errors
    ///
    /// If this interpreter cannot go on from the snapshot, or there is no
    /// instance to be had.
    pub async fn restore(mut self, snapshot: &Snapshot) -> Result<Session, Error> {
        let header = &snapshot.header;
        let Subject::Session { limits, suspended } = &header.subject else {
            return Err(Error::request(
                "the snapshot is of a script: go on with it with `Monty::resume`",
            ));
        };
        let handle = self.interrupt_handle();
        handle.reset();
        let context = self.setup.context.limits(limits.clone());
        let printed = self.setup.printed;
        let limits = limits.clone();
        let mut session = Session::new(self.monty, limits, header.random, handle, printed);
        session.generation = header.generation + 1;
        session.suspended = suspended.clone();
        let origin = Origin::Snapshot(&snapshot.guest);
        let live = session.instantiate(context, origin).await?;
        session.rest = Arc::new(Rest::new(Resting::Live(Box::new(live))));
        session.make_available().await;
        Ok(session)
    }

    /// The blocking twin of [`open`](Self::open).
    ///
    /// # Errors
    ///
    /// As [`open`](Self::open), and from inside an async function.
    pub fn open_blocking(self) -> Result<Session, Error> {
        block_on(self.open())?
    }

    fn interrupt_handle(&mut self) -> InterruptHandle {
        self.setup.context.stops.interrupt.clone()
    }
}

/// Python that keeps its names between one piece of code and the next.
///
/// A script error leaves the session with all that was defined before it. A
/// session ends for good when the interpreter traps or the future of its code
/// is dropped: [`dump`](Self::dump) it before, if that would be a loss.
///
/// An idle session holds an instance for as long as nobody else needs it; then
/// it is put into bytes, and gets another instance with its next piece of code.
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
    monty: Monty,
    rest: Arc<Rest>,
    limits: Limits,
    random: Random,
    generation: u64,
    interrupt: InterruptHandle,
    printed: Option<Collect>,
    /// What the suspended piece of code may use up, if one is.
    suspended: Option<Budget>,
}

impl std::fmt::Debug for Session {
    fn fmt(&self, formatter: &mut std::fmt::Formatter<'_>) -> std::fmt::Result {
        formatter
            .debug_struct("Session")
            .field("suspended", &self.suspended.is_some())
            .finish_non_exhaustive()
    }
}

/// Where a new instance starts from.
enum Origin<'a> {
    New(Box<Options>),
    Snapshot(&'a [u8]),
}

/// A session between two pieces of code.
pub(crate) struct Rest(Mutex<Resting>);

enum Resting {
    Live(Box<Live>),
    Parked(Box<Parked>),
    /// Why there is nothing left.
    Gone(String),
}

/// A session in bytes.
#[derive(Default)]
struct Parked {
    context: MontyCtx,
    guest: Vec<u8>,
}

/// A session in an instance.
struct Live {
    store: Store<RunState>,
    sandbox: Sandbox,
    session: ResourceAny,
    _slot: OwnedSemaphorePermit,
}

/// Why a session whose code did not come to an end has none left.
const CANCELLED: &str = "the session ended with the code that was cancelled in it";

impl Rest {
    fn new(resting: Resting) -> Self {
        Self(Mutex::new(resting))
    }

    /// Gives up the instance, unless the session is in use.
    pub(crate) async fn park(self: Arc<Self>) {
        let parked = async move { self.park_here().await };
        match Handle::try_current() {
            // In a task of its own: the session does not end with whoever
            // wants its instance.
            Ok(runtime) => drop(runtime.spawn(parked).await),
            Err(_) => parked.await,
        }
    }

    async fn park_here(&self) {
        if let Ok(mut resting) = self.0.try_lock() {
            *resting = match std::mem::replace(&mut *resting, Resting::Gone(CANCELLED.to_owned())) {
                Resting::Live(mut live) => match live.dump().await {
                    Ok(Ok(guest)) => Resting::Parked(Box::new(Parked {
                        context: live.store.into_data().into_context(),
                        guest,
                    })),
                    // It is as it was, and keeps its instance.
                    Ok(Err(_)) => Resting::Live(live),
                    Err(error) => {
                        Resting::Gone(format!("the session could not be put into bytes: {error}"))
                    }
                },
                other => other,
            };
        }
    }
}

impl Resting {
    /// Why there is nothing to go on with.
    fn reason(&self) -> &str {
        match self {
            Self::Gone(reason) => reason,
            Self::Live(_) | Self::Parked(_) => CANCELLED,
        }
    }
}

impl Live {
    /// Starts to count for what is done next in the instance.
    fn begin(&mut self, before: Usage, slots: Slots) {
        let state = self.store.data_mut();
        state.begin(before, slots);
        let message_bytes = state.context().limits.message_bytes;
        self.store.set_hostcall_fuel(message_bytes);
    }

    /// The session in bytes. An inner error leaves it as it is; after an outer
    /// one there is nothing left of it.
    async fn dump(&mut self) -> Result<Result<Vec<u8>, Error>, Error> {
        self.begin(Usage::default(), Slots::default());
        let context = self.store.data_mut().context();
        context.stops.interrupt.reset();
        // No message of the script's, and none of its time: both are bounded by
        // the memory that it has.
        let duration = context.limits.duration.take();
        let state_bytes = context.limits.linear_memory_bytes();
        self.store.set_hostcall_fuel(state_bytes);
        let dumped = self
            .sandbox
            .monty_sandbox_interpreter()
            .session()
            .call_dump(&mut self.store, self.session)
            .await;
        self.store.data_mut().context().limits.duration = duration;
        match dumped {
            Ok(Ok(guest)) => Ok(Ok(guest)),
            Ok(Err(failure)) => Ok(Err(state::failed(failure))),
            Err(error) => Err(self.store.data().stopped(error)),
        }
    }
}

impl Session {
    fn new(
        monty: Monty,
        limits: Limits,
        random: Random,
        interrupt: InterruptHandle,
        printed: Option<Collect>,
    ) -> Self {
        Self {
            monty,
            rest: Arc::new(Rest::new(Resting::Gone(CANCELLED.to_owned()))),
            limits,
            random,
            generation: 0,
            interrupt,
            printed,
            suspended: None,
        }
    }

    /// A piece of code to run. Nothing happens before [`Feed::run`].
    pub fn feed(&mut self, source: impl Into<String>) -> Feed<'_> {
        Feed::new(self, Work::Source(source.into(), Inputs::new()))
    }

    /// A function that the session defined, to be called. Nothing happens
    /// before [`Feed::run`].
    pub fn call(&mut self, function: impl Into<String>) -> Feed<'_> {
        let work = Work::Call(function.into(), Arguments::new(), false);
        Feed::new(self, work)
    }

    /// The piece of code that is suspended, to go on with answers. Nothing
    /// happens before [`Feed::run`].
    pub fn resume(&mut self, answers: Answers) -> Feed<'_> {
        Feed::new(self, Work::Resume(answers))
    }

    /// Gives up the piece of code that is suspended. What it defined stays.
    ///
    /// # Errors
    ///
    /// If the session has ended, or there is no instance to be had.
    pub async fn abandon(&mut self) -> Result<(), Error> {
        self.interrupt.reset();
        let rest = Arc::clone(&self.rest);
        let mut resting = rest.0.lock().await;
        let mut live = self.wake(&mut resting).await?;
        live.begin(Usage::default(), Slots::default());
        let guest = live.sandbox.monty_sandbox_interpreter().session();
        if let Err(error) = guest.call_abandon(&mut live.store, live.session).await {
            return Err(live.store.data().stopped(error));
        }
        self.suspended = None;
        self.put_to_rest(resting, live).await;
        Ok(())
    }

    /// Whether a piece of code is suspended.
    pub fn is_suspended(&self) -> bool {
        self.suspended.is_some()
    }

    /// The names of the functions that the session defined. None while it is
    /// suspended.
    ///
    /// # Errors
    ///
    /// If the session has ended, or there is no instance to be had.
    pub async fn functions(&mut self) -> Result<Vec<String>, Error> {
        self.interrupt.reset();
        let rest = Arc::clone(&self.rest);
        let mut resting = rest.0.lock().await;
        let mut live = self.wake(&mut resting).await?;
        live.begin(Usage::default(), Slots::default());
        let guest = live.sandbox.monty_sandbox_interpreter().session();
        match guest.call_functions(&mut live.store, live.session).await {
            Ok(functions) => {
                self.put_to_rest(resting, live).await;
                Ok(functions)
            }
            Err(error) => Err(live.store.data().stopped(error)),
        }
    }

    /// The session as it is, idle or suspended.
    ///
    /// # Errors
    ///
    /// If the session has ended.
    pub async fn dump(&mut self) -> Result<Snapshot, Error> {
        self.interrupt.reset();
        let rest = Arc::clone(&self.rest);
        let mut resting = rest.0.lock().await;
        let guest = match &mut *resting {
            Resting::Live(live) => match live.dump().await {
                Ok(dumped) => dumped?,
                Err(error) => {
                    *resting = Resting::Gone(format!("the session ended: {error}"));
                    return Err(error);
                }
            },
            Resting::Parked(parked) => parked.guest.clone(),
            Resting::Gone(reason) => return Err(Error::request(reason)),
        };
        drop(resting);
        self.make_available().await;
        Ok(Snapshot {
            header: Box::new(self.header()),
            guest: guest.into(),
        })
    }

    /// Puts the session into bytes until its next piece of code, and gives its
    /// instance to others.
    pub async fn park(&mut self) {
        Arc::clone(&self.rest).park().await;
    }

    /// Stops the code that runs in the session, from another thread or task.
    pub fn interrupt_handle(&self) -> InterruptHandle {
        self.interrupt.clone()
    }

    fn header(&self) -> Header {
        Header {
            subject: Subject::Session {
                limits: self.limits.clone(),
                suspended: self.suspended.clone(),
            },
            random: self.random,
            generation: self.generation,
        }
    }

    /// Takes the session out of its rest, in an instance. If it is not put
    /// back, it has ended.
    async fn wake(&mut self, resting: &mut Resting) -> Result<Box<Live>, Error> {
        self.monty.check_open()?;
        if let Resting::Parked(parked) = resting {
            // Whoever gives up waiting for this leaves the session whole.
            let slot = self.monty.slot(&self.interrupt).await?;
            self.generation += 1;
            let Parked { context, guest } = std::mem::take(&mut **parked);
            *resting = Resting::Gone(CANCELLED.to_owned());
            let origin = Origin::Snapshot(&guest);
            match self.instantiate_in(slot, context, origin).await {
                Ok(live) => *resting = Resting::Live(Box::new(live)),
                Err(error) => {
                    *resting = Resting::Gone(format!("the session ended: {error}"));
                    return Err(error);
                }
            }
        }
        match std::mem::replace(resting, Resting::Gone(CANCELLED.to_owned())) {
            Resting::Live(live) => Ok(live),
            other => {
                let error = Error::request(other.reason());
                *resting = other;
                Err(error)
            }
        }
    }

    /// Puts the session to rest in its instance, unless somebody waits for one.
    async fn put_to_rest(&self, mut resting: MutexGuard<'_, Resting>, live: Box<Live>) {
        *resting = Resting::Live(live);
        drop(resting);
        self.make_available().await;
    }

    /// Lets others have the instance.
    async fn make_available(&self) {
        // In this order: whoever begins to wait in between finds it here.
        self.monty.rest(&self.rest);
        if self.monty.is_wanted() {
            Arc::clone(&self.rest).park().await;
        }
    }

    async fn instantiate(&self, context: MontyCtx, origin: Origin<'_>) -> Result<Live, Error> {
        let slot = self.monty.slot(&self.interrupt).await?;
        self.instantiate_in(slot, context, origin).await
    }

    async fn instantiate_in(
        &self,
        slot: OwnedSemaphorePermit,
        mut context: MontyCtx,
        origin: Origin<'_>,
    ) -> Result<Live, Error> {
        context.stops.interrupt = self.interrupt.clone();
        context.stops.shut_down = self.monty.shut_down_flag();
        let engine = self.monty.engine();
        let mut store = RunState::store(engine, context, self.random, self.generation);
        let opened = async {
            let sandbox = self.monty.sandbox().instantiate_async(&mut store).await?;
            let guest = sandbox.monty_sandbox_interpreter().session();
            let session = match origin {
                Origin::New(options) => guest.call_create(&mut store, &options).await?,
                Origin::Snapshot(guest_bytes) => {
                    guest.call_restore(&mut store, guest_bytes).await?
                }
            };
            Ok((sandbox, session))
        };
        match opened.await {
            Ok((sandbox, Ok(session))) => Ok(Live {
                store,
                sandbox,
                session,
                _slot: slot,
            }),
            Ok((_, Err(failure))) => Err(state::failed(failure)),
            Err(error) => Err(store.data().stopped(error)),
        }
    }
}

/// A piece of code of a session, to be run.
#[must_use = "a piece of code does nothing before it is run"]
pub struct Feed<'a> {
    session: &'a mut Session,
    work: Work,
    limits: Option<Limits>,
    line_buffered: Option<bool>,
    print: Option<Box<dyn Print>>,
}

enum Work {
    Source(String, Inputs),
    Call(String, Arguments, bool),
    Resume(Answers),
}

impl std::fmt::Debug for Feed<'_> {
    fn fmt(&self, formatter: &mut std::fmt::Formatter<'_>) -> std::fmt::Result {
        let mut debug = formatter.debug_struct("Feed");
        match &self.work {
            Work::Source(source, _) => debug.field("source", source),
            Work::Call(function, ..) => debug.field("function", function),
            Work::Resume(answers) => debug.field("answers", answers),
        };
        debug.finish_non_exhaustive()
    }
}

impl<'a> Feed<'a> {
    fn new(session: &'a mut Session, work: Work) -> Self {
        Self {
            session,
            work,
            limits: None,
            line_buffered: None,
            print: None,
        }
    }

    /// A global variable that is set before the code runs, and stays.
    ///
    /// # Errors
    ///
    /// If the value has no form in Python, or this is not a
    /// [`feed`](Session::feed).
    pub fn input(mut self, name: &str, value: impl Serialize) -> Result<Self, Error> {
        match &mut self.work {
            Work::Source(_, inputs) => inputs.push(name, value)?,
            _ => return Err(Error::request("only a piece of code has inputs")),
        }
        Ok(self)
    }

    /// The next positional argument.
    ///
    /// # Errors
    ///
    /// If the value has no form in Python, or this is not a
    /// [`call`](Session::call).
    pub fn argument(mut self, value: impl Serialize) -> Result<Self, Error> {
        match &mut self.work {
            Work::Call(_, arguments, _) => arguments.push(value)?,
            _ => return Err(Error::request("only a call has arguments")),
        }
        Ok(self)
    }

    /// A keyword argument.
    ///
    /// # Errors
    ///
    /// If the value has no form in Python, or this is not a
    /// [`call`](Session::call).
    pub fn keyword(mut self, name: &str, value: impl Serialize) -> Result<Self, Error> {
        match &mut self.work {
            Work::Call(_, arguments, _) => arguments.push_keyword(name, value)?,
            _ => return Err(Error::request("only a call has arguments")),
        }
        Ok(self)
    }

    /// Awaits what the function returns: for an `async def`.
    pub fn awaits(mut self) -> Self {
        if let Work::Call(_, _, awaits) = &mut self.work {
            *awaits = true;
        }
        self
    }

    /// What this piece of code may use up, instead of what the session says.
    /// What is suspended goes on with the limits that it started with.
    pub fn limits(mut self, limits: Limits) -> Self {
        self.limits = Some(limits);
        self
    }

    /// Whether each printed line of this piece of code reaches the sink at its
    /// end.
    pub fn line_buffered(mut self, line_buffered: bool) -> Self {
        self.line_buffered = Some(line_buffered);
        self
    }

    /// Takes what this piece of code prints.
    pub fn print(mut self, print: impl Print + 'static) -> Self {
        self.print = Some(Box::new(print));
        self
    }

    /// Runs the code to its end.
    ///
    /// # Errors
    ///
    /// If it has no result; [`Error::kind`] says why. Also if a tool suspends
    /// it: [`start`](Self::start) is for those.
    pub async fn run(self) -> Result<Report, Error> {
        self.start().await?.finished()
    }

    /// Runs the code until it ends or a tool suspends it.
    ///
    /// # Errors
    ///
    /// If it has no result; [`Error::kind`] says why.
    pub async fn start(self) -> Result<Progress, Error> {
        let span = match &self.work {
            Work::Source(..) => tracing::debug_span!("monty.feed", outcome = Empty),
            Work::Call(function, ..) => {
                tracing::debug_span!("monty.feed", function, outcome = Empty)
            }
            Work::Resume(_) => tracing::debug_span!("monty.resume", outcome = Empty),
        };
        traced(self.start_untraced(), span).await
    }

    /// The blocking twin of [`run`](Self::run).
    ///
    /// # Errors
    ///
    /// As [`run`](Self::run), and from inside an async function.
    pub fn run_blocking(self) -> Result<Report, Error> {
        block_on(self.run())?
    }

    /// The blocking twin of [`start`](Self::start).
    ///
    /// # Errors
    ///
    /// As [`start`](Self::start), and from inside an async function.
    pub fn start_blocking(self) -> Result<Progress, Error> {
        block_on(self.start())?
    }

    async fn start_untraced(self) -> Result<Progress, Error> {
        let Self {
            session,
            work,
            limits,
            line_buffered,
            print,
        } = self;
        session.interrupt.reset();
        let (before, limits) = match (&work, &session.suspended) {
            (Work::Resume(_), Some(budget)) => (budget.used, Some(budget.limits.clone())),
            _ => (Usage::default(), limits),
        };
        let options = FeedOptions {
            inputs: None,
            limits: limits.as_ref().map(inner_limits),
            line_buffered,
            extensions: None,
        };
        let work = work.finish()?;

        let rest = Arc::clone(&session.rest);
        let mut resting = rest.0.lock().await;
        let mut live = session.wake(&mut resting).await?;
        let context = live.store.data_mut().context();
        let own_print = print.map(|print| std::mem::replace(&mut context.print, print));
        let own_limits = limits.map(|limits| std::mem::replace(&mut context.limits, limits));
        live.begin(before, session.monty.slots());

        let watch = Watch::of(live.store.data_mut().context());
        let result = watch.over(live.work(work, options)).await;
        let state = live.store.data_mut();
        let is_trap = result.is_err();
        let outcome = state.outcome(result);
        session.suspended = match &outcome {
            Ok(state::Ended::Suspended { .. }) => Some(state.context().budget()),
            // What was refused did not begin.
            Err(error) if error.kind() == ErrorKind::Request => session.suspended.take(),
            _ => None,
        };
        let progress = progress(state, outcome, session.header(), session.printed.as_ref());
        let context = state.context();
        context.pending.cancel();
        if let Some(print) = own_print {
            context.print = print;
        }
        if let Some(limits) = own_limits {
            context.limits = limits;
        }
        if is_trap {
            let reason = match &progress {
                Err(error) => format!("the session ended: {error}"),
                Ok(_) => CANCELLED.to_owned(),
            };
            *resting = Resting::Gone(reason);
            return progress;
        }
        session.put_to_rest(resting, live).await;
        progress
    }
}

/// Work in the interpreter's terms.
enum Request {
    Source(String, Option<interpreter::Inputs>),
    Call(FunctionCall),
    Resume(Vec<monty_value::types::SettledCall>),
}

impl Work {
    fn finish(self) -> Result<Request, Error> {
        Ok(match self {
            Self::Source(source, inputs) => Request::Source(source, inputs.finish()?),
            Self::Call(function, arguments, awaits) => {
                Request::Call(arguments.finish(function, awaits)?)
            }
            Self::Resume(answers) => Request::Resume(answers.into_message()),
        })
    }
}

impl Live {
    async fn work(
        &mut self,
        request: Request,
        mut options: FeedOptions,
    ) -> wasmtime::Result<Result<Outcome, Failure>> {
        let store = &mut self.store;
        let guest = self.sandbox.monty_sandbox_interpreter().session();
        match request {
            Request::Source(source, inputs) => {
                options.inputs = inputs;
                guest
                    .call_feed(store, self.session, &source, &options)
                    .await
            }
            Request::Call(call) => guest.call_call(store, self.session, &call, &options).await,
            Request::Resume(answers) => guest.call_resume(store, self.session, &answers).await,
        }
    }
}

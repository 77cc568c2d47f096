//! Reasons to stop a run: an interrupt, a limit, or the host's own error.

use std::error::Error;
use std::fmt;
use std::sync::atomic::{AtomicBool, AtomicU64, Ordering};
use std::sync::{Arc, Mutex, MutexGuard, PoisonError};

use monty_value::types::Exception;
use tokio::sync::Notify;

use crate::limits::Limit;

/// The message of an interrupt, if the script still sees it.
pub(crate) const INTERRUPTED: &str = "the run was interrupted";

/// The reason to stop a run. Also the error of a trap that stops one.
#[derive(Clone, Debug)]
pub(crate) enum Stop {
    /// An [`InterruptHandle`].
    Interrupted,
    /// The interpreter was shut down.
    ShutDown,
    /// A limit, and its value.
    Limit { limit: Limit, message: String },
    /// Host code that the run depends on failed, or a tool ended the run.
    Host {
        message: String,
        source: Option<HostError>,
    },
}

/// The host's own error, for its first taker: the run's result.
#[derive(Clone, Debug)]
pub(crate) struct HostError(Arc<Mutex<Option<BoxError>>>);

/// An error of any type.
pub(crate) type BoxError = Box<dyn Error + Send + Sync>;

impl HostError {
    fn new(error: impl Into<BoxError>) -> Self {
        Self(Arc::new(Mutex::new(Some(error.into()))))
    }

    pub(crate) fn take(&self) -> Option<BoxError> {
        let mut error = self.0.lock().unwrap_or_else(PoisonError::into_inner);
        error.take()
    }
}

impl Stop {
    /// Host code called by the run panicked.
    pub(crate) fn panicked(message: &str) -> Self {
        Self::Host {
            message: format!("the host panicked: {message}"),
            source: None,
        }
    }

    /// A sink returned an error for a print.
    pub(crate) fn cannot_print(error: std::io::Error) -> Self {
        Self::Host {
            message: format!("what the script prints cannot be written: {error}"),
            source: Some(HostError::new(error)),
        }
    }

    /// A tool ended the run with an error of the host's.
    pub(crate) fn ended_by_tool(error: BoxError) -> Self {
        Self::Host {
            message: format!("a tool ended the run: {error}"),
            source: Some(HostError::new(error)),
        }
    }
}

impl fmt::Display for Stop {
    fn fmt(&self, formatter: &mut fmt::Formatter<'_>) -> fmt::Result {
        formatter.write_str(match self {
            Self::Interrupted => INTERRUPTED,
            Self::ShutDown => "the interpreter was shut down",
            Self::Limit { message, .. } | Self::Host { message, .. } => message,
        })
    }
}

impl Error for Stop {}

/// The answer to a call of an interrupted script, which the interpreter ends
/// when it next reads the clock.
pub(crate) fn keyboard_interrupt() -> Exception {
    Exception::new("KeyboardInterrupt", INTERRUPTED)
}

/// Stops runs from another thread or task. Clones stop the same runs.
///
/// An interrupt reaches every run requested before it that has not ended, even
/// one still waiting for an instance. It does not affect later runs. A run is
/// requested when its future is first polled.
///
/// The script ends with an [`Error`](crate::Error) of kind
/// [`Interrupted`](crate::ErrorKind::Interrupted), wherever it is: computing,
/// or waiting for a tool, whose future is dropped. The names it defined in a
/// [`Session`](crate::Session) stay.
///
/// ```
/// # tokio::runtime::Builder::new_current_thread().enable_all().build()?.block_on(async {
/// use monty_host::{ErrorKind, Host, InterruptHandle, Monty};
///
/// let monty = Monty::new()?;
/// let handle = InterruptHandle::new();
/// let host = Host::new().interrupt(&handle);
/// std::thread::spawn(move || {
///     std::thread::sleep(std::time::Duration::from_millis(100));
///     handle.interrupt();
/// });
/// let script = monty.script("while True:\n    pass").host(host);
/// let error = script.run().await.expect_err("it never ends by itself");
/// assert_eq!(error.kind(), ErrorKind::Interrupted);
/// # Ok::<_, monty_host::Error>(()) })?;
/// # Ok::<_, Box<dyn std::error::Error>>(())
/// ```
#[derive(Clone, Debug, Default)]
pub struct InterruptHandle(Arc<Interrupts>);

#[derive(Debug, Default)]
struct Interrupts {
    count: AtomicU64,
    notify: Notify,
}

impl InterruptHandle {
    /// A handle for no runs yet.
    pub fn new() -> Self {
        Self::default()
    }

    /// Stops the runs.
    pub fn interrupt(&self) {
        self.0.count.fetch_add(1, Ordering::AcqRel);
        self.0.notify.notify_waiters();
    }

    fn count(&self) -> u64 {
        self.0.count.load(Ordering::Acquire)
    }
}

/// A one-time event with many waiters.
#[derive(Debug, Default)]
pub(crate) struct Flag {
    raised: AtomicBool,
    notify: Notify,
}

impl Flag {
    pub(crate) fn raise(&self) {
        self.raised.store(true, Ordering::Release);
        self.notify.notify_waiters();
    }

    fn reset(&self) {
        self.raised.store(false, Ordering::Release);
    }

    pub(crate) fn is_raised(&self) -> bool {
        self.raised.load(Ordering::Acquire)
    }

    async fn wait(&self) {
        wait(&self.notify, || self.is_raised()).await;
    }
}

async fn wait(notify: &Notify, is_over: impl Fn() -> bool) {
    loop {
        let notified = notify.notified();
        tokio::pin!(notified);
        // From here on no notification is missed.
        notified.as_mut().enable();
        if is_over() {
            return;
        }
        notified.await;
    }
}

/// Tells the snippets of a session apart.
#[derive(Clone, Copy, Debug, Default, PartialEq, Eq)]
pub(crate) struct Generation(u64);

/// A reason from within the run. It is cleared when the next snippet begins;
/// leftovers of the previous snippet cannot raise it.
#[derive(Debug, Default)]
struct Own {
    flag: Flag,
    state: Mutex<OwnState>,
}

#[derive(Debug, Default)]
struct OwnState {
    generation: Generation,
    stop: Option<Stop>,
}

/// The possible reasons to stop a run.
#[derive(Clone, Debug, Default)]
pub(crate) struct Stops {
    interrupt: InterruptHandle,
    /// The number of interrupts before the run was requested.
    earlier: Arc<AtomicU64>,
    shut_down: Arc<Flag>,
    own: Arc<Own>,
    /// Whether interrupts are left for later.
    ignores_interrupts: Arc<AtomicBool>,
}

/// Leaves interrupts for later until it is dropped.
pub(crate) struct Unheard(Arc<AtomicBool>);

impl Drop for Unheard {
    fn drop(&mut self) {
        self.0.store(false, Ordering::Release);
    }
}

impl Stops {
    pub(crate) fn new(interrupt: InterruptHandle) -> Self {
        let stops = Self {
            interrupt,
            ..Self::default()
        };
        stops.forget_interrupts();
        stops
    }

    /// Also stops when this is raised.
    pub(crate) fn also(&mut self, shut_down: Arc<Flag>) {
        self.shut_down = shut_down;
    }

    /// Marks a new request: earlier interrupts were for others.
    pub(crate) fn forget_interrupts(&self) {
        let count = self.interrupt.count();
        self.earlier.store(count, Ordering::Release);
    }

    pub(crate) fn interrupt_handle(&self) -> &InterruptHandle {
        &self.interrupt
    }

    /// Leaves interrupts for later: a session that is put into bytes, or taken
    /// out of them, must not be lost to one.
    pub(crate) fn ignore_interrupts(&self) -> Unheard {
        self.ignores_interrupts.store(true, Ordering::Release);
        Unheard(Arc::clone(&self.ignores_interrupts))
    }

    fn is_interrupted(&self) -> bool {
        !self.ignores_interrupts.load(Ordering::Acquire)
            && self.interrupt.count() != self.earlier.load(Ordering::Acquire)
    }

    pub(crate) fn is_shut_down(&self) -> bool {
        self.shut_down.is_raised()
    }

    pub(crate) fn is_raised(&self) -> bool {
        self.is_interrupted() || self.is_shut_down() || self.own.flag.is_raised()
    }

    pub(crate) async fn raised(&self) {
        tokio::select! {
            () = wait(&self.interrupt.0.notify, || self.is_interrupted()) => {}
            () = self.shut_down.wait() => {}
            () = self.own.flag.wait() => {}
        }
    }

    /// Begins another snippet, without a reason to stop.
    pub(crate) fn restart(&self) -> Generation {
        let mut state = self.own();
        state.generation.0 += 1;
        state.stop = None;
        self.own.flag.reset();
        state.generation
    }

    /// Stops the snippet. The first reason wins.
    pub(crate) fn raise(&self, generation: Generation, stop: Stop) {
        let mut state = self.own();
        if state.generation == generation {
            state.stop.get_or_insert(stop);
            self.own.flag.raise();
        }
    }

    /// The reason to stop the run: first its own, then those from elsewhere.
    pub(crate) fn reason(&self) -> Option<Stop> {
        self.own().stop.clone().or_else(|| {
            if self.is_shut_down() {
                Some(Stop::ShutDown)
            } else {
                self.is_interrupted().then_some(Stop::Interrupted)
            }
        })
    }

    /// The run's own reason.
    pub(crate) fn own_reason(&self) -> Option<Stop> {
        self.own().stop.clone()
    }

    fn own(&self) -> MutexGuard<'_, OwnState> {
        self.own
            .state
            .lock()
            .unwrap_or_else(PoisonError::into_inner)
    }
}

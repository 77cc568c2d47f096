//! What stops a run: somebody elsewhere, or a limit of the host's.

use std::sync::atomic::{AtomicBool, Ordering};
use std::sync::{Arc, Mutex, MutexGuard, PoisonError};

use tokio::sync::Notify;

use crate::outcome::Stopped;

/// Why a run that an [`InterruptHandle`] stopped has no result.
pub(crate) const INTERRUPTED: &str = "the run was interrupted";

/// Why nothing runs any more.
pub(crate) const SHUT_DOWN: &str = "the interpreter was shut down";

/// Stops a run from another thread or task. Clones stop the same run.
///
/// An interrupt counts from the moment that a run is asked for, also while it
/// waits for an instance; an earlier one is forgotten.
///
/// The script ends as an [`Error`](crate::Error) of kind
/// [`Interrupted`](crate::ErrorKind::Interrupted), wherever it is: computing,
/// or waiting for a tool, whose future is dropped. What it defined in a
/// [`Session`](crate::Session) stays.
#[derive(Clone, Debug, Default)]
pub struct InterruptHandle(Arc<Flag>);

impl InterruptHandle {
    /// A handle that stops nothing yet.
    pub fn new() -> Self {
        Self::default()
    }

    /// Stops what runs.
    pub fn interrupt(&self) {
        self.0.raise();
    }

    /// Forgets an interrupt.
    pub(crate) fn reset(&self) {
        self.0.reset();
    }

    pub(crate) fn is_raised(&self) -> bool {
        self.0.is_raised()
    }

    pub(crate) async fn raised(&self) {
        self.0.wait().await;
    }
}

/// Something that happens once and that many wait for.
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

    pub(crate) async fn wait(&self) {
        loop {
            let notified = self.notify.notified();
            tokio::pin!(notified);
            // From here on a notification is not missed.
            notified.as_mut().enable();
            if self.is_raised() {
                return;
            }
            notified.await;
        }
    }
}

/// A limit of the host's that a run exceeded. It is forgotten when the next
/// piece of code begins, and what is left of the one before cannot raise it.
#[derive(Debug, Default)]
struct Exceeded {
    flag: Flag,
    state: Mutex<ExceededState>,
}

#[derive(Debug, Default)]
struct ExceededState {
    generation: Generation,
    stopped: Option<Stopped>,
}

/// Tells the pieces of code of a session apart.
#[derive(Clone, Copy, Debug, Default, PartialEq, Eq)]
pub(crate) struct Generation(u64);

/// What may stop a run from outside.
#[derive(Clone, Debug, Default)]
pub(crate) struct Stops {
    pub(crate) interrupt: InterruptHandle,
    pub(crate) shut_down: Arc<Flag>,
    exceeded: Arc<Exceeded>,
}

impl Stops {
    pub(crate) fn is_raised(&self) -> bool {
        self.interrupt.is_raised() || self.shut_down.is_raised() || self.exceeded.flag.is_raised()
    }

    pub(crate) async fn raised(&self) {
        tokio::select! {
            () = self.interrupt.raised() => {}
            () = self.shut_down.wait() => {}
            () = self.exceeded.flag.wait() => {}
        }
    }

    /// Begins with another piece of code, which has exceeded nothing.
    pub(crate) fn restart(&self) -> Generation {
        let mut state = self.state();
        state.generation.0 += 1;
        state.stopped = None;
        self.exceeded.flag.reset();
        state.generation
    }

    /// Stops the piece of code for the first limit that it exceeds.
    pub(crate) fn exceed(&self, generation: Generation, stopped: Stopped) {
        let mut state = self.state();
        if state.generation == generation {
            state.stopped.get_or_insert(stopped);
            self.exceeded.flag.raise();
        }
    }

    /// The limit that the piece of code exceeded.
    pub(crate) fn exceeded(&self) -> Option<Stopped> {
        self.state().stopped.clone()
    }

    fn state(&self) -> MutexGuard<'_, ExceededState> {
        self.exceeded
            .state
            .lock()
            .unwrap_or_else(PoisonError::into_inner)
    }
}

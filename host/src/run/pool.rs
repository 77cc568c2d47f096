//! The pool of instances that runs share.

use std::collections::VecDeque;
use std::pin::Pin;
use std::sync::atomic::{AtomicUsize, Ordering};
use std::sync::{Arc, Mutex, MutexGuard, PoisonError, Weak};

use tokio::sync::{OwnedSemaphorePermit, Semaphore, TryAcquireError};

use super::nesting::{self, Blocked, Slots};
use crate::account::stop::{Stop, Stops};
use crate::error::Error;

/// What happens to a run when all instances are in use.
#[derive(Clone, Copy, Debug, Default, PartialEq, Eq)]
#[non_exhaustive]
pub enum WhenFull {
    /// The run waits for one.
    #[default]
    Wait,
    /// The run ends with an error of kind [`Busy`](crate::ErrorKind::Busy).
    Refuse,
}

/// Somebody who holds an instance and does not use it.
pub(super) trait Idle: Send + Sync {
    /// Gives it up, unless it is in use after all.
    fn park(self: Arc<Self>) -> Pin<Box<dyn Future<Output = ()> + Send>>;
}

/// A permit for one instance.
pub(super) type Slot = OwnedSemaphorePermit;

/// The permits and the waiting runs.
pub(super) struct Pool {
    slots: Arc<Semaphore>,
    instances: usize,
    when_full: WhenFull,
    waiting: AtomicUsize,
    blocked: Arc<Blocked>,
    /// Those who hold an instance and do not use it, the one that used it
    /// longest ago first.
    idle: Mutex<VecDeque<Weak<dyn Idle>>>,
}

impl Pool {
    pub(super) fn new(instances: u32, when_full: WhenFull) -> Self {
        let instances = instances as usize;
        Self {
            slots: Arc::new(Semaphore::new(instances)),
            instances,
            when_full,
            waiting: AtomicUsize::new(0),
            blocked: Arc::default(),
            idle: Mutex::default(),
        }
    }

    pub(super) fn free_slots(&self) -> usize {
        self.slots.available_permits()
    }

    /// Grants no more permits.
    pub(super) fn close(&self) {
        self.slots.close();
    }

    /// A permit for one instance, unless the run must stop first.
    pub(super) async fn slot(&self, stops: &Stops) -> Result<Slot, Error> {
        tokio::select! {
            biased;
            () = stops.raised() => Err(stops.reason().unwrap_or(Stop::Interrupted).into()),
            slot = self.free_slot() => slot,
        }
    }

    async fn free_slot(&self) -> Result<Slot, Error> {
        // Before checking for idle sessions: a session that becomes idle
        // afterwards sees that a run is waiting.
        let _waiting = Waiting::new(&self.waiting);
        loop {
            match Arc::clone(&self.slots).try_acquire_owned() {
                Ok(slot) => return Ok(slot),
                Err(TryAcquireError::Closed) => return Err(Stop::ShutDown.into()),
                Err(TryAcquireError::NoPermits) => {}
            }
            match self.longest_idle() {
                Some(idle) => idle.park().await,
                None => break,
            }
        }
        if self.when_full == WhenFull::Refuse {
            return Err(Error::busy(
                "as many scripts run as may at a time; see `MontyBuilder::concurrent_runs`",
            ));
        }
        let Some(_nested) = nesting::Waiting::begin(&self.blocked, self.instances) else {
            return Err(Error::busy(format!(
                "a tool waits for a run of its own, but all instances ({}) are held by runs that wait like this; raise `MontyBuilder::concurrent_runs`, or give the runs inside tools an interpreter of their own",
                self.instances
            )));
        };
        Arc::clone(&self.slots)
            .acquire_owned()
            .await
            .map_err(|_| Stop::ShutDown.into())
    }

    /// The instances held by a run that begins here and its enclosing runs.
    pub(super) fn held(&self) -> Slots {
        Slots::with_one_of(&self.blocked)
    }

    /// Whether a run waits for an instance.
    pub(super) fn is_wanted(&self) -> bool {
        self.waiting.load(Ordering::Relaxed) > 0
    }

    /// Records an idle session that keeps an instance.
    pub(super) fn rest(&self, idle: Weak<dyn Idle>) {
        let mut resting = self.idle();
        resting.retain(|other| other.strong_count() > 0 && !other.ptr_eq(&idle));
        resting.push_back(idle);
    }

    fn longest_idle(&self) -> Option<Arc<dyn Idle>> {
        let mut idle = self.idle();
        std::iter::from_fn(|| idle.pop_front()).find_map(|idle| idle.upgrade())
    }

    fn idle(&self) -> MutexGuard<'_, VecDeque<Weak<dyn Idle>>> {
        self.idle.lock().unwrap_or_else(PoisonError::into_inner)
    }
}

/// Counts a waiting run while it waits.
struct Waiting<'a>(&'a AtomicUsize);

impl<'a> Waiting<'a> {
    fn new(waiting: &'a AtomicUsize) -> Self {
        waiting.fetch_add(1, Ordering::Relaxed);
        Self(waiting)
    }
}

impl Drop for Waiting<'_> {
    fn drop(&mut self) {
        self.0.fetch_sub(1, Ordering::Relaxed);
    }
}

//! Tracks runs started by tools. Without this, a tool could wait for ever for
//! an instance that nobody can release.

use std::sync::Arc;
use std::sync::atomic::{AtomicUsize, Ordering};

use crate::account::work;

/// The number of an interpreter's instances held by runs that cannot end before
/// another run gets one.
#[derive(Debug, Default)]
pub(super) struct Blocked(AtomicUsize);

/// The instance of a run, and the number of its tools' runs that wait for one.
#[derive(Debug)]
struct Slot {
    blocked: Arc<Blocked>,
    waiting: AtomicUsize,
}

/// The instances held by a run and its enclosing runs, if a tool of another run
/// started it.
#[derive(Clone, Debug, Default)]
pub(super) struct Slots(Vec<Arc<Slot>>);

impl Slots {
    /// Adds an instance of an interpreter, held by a run that begins here.
    pub(super) fn with_one_of(blocked: &Arc<Blocked>) -> Self {
        let mut slots = Self::around();
        slots.0.push(Arc::new(Slot {
            blocked: Arc::clone(blocked),
            waiting: AtomicUsize::new(0),
        }));
        slots
    }

    /// The instances of the run whose tool is running here, if any.
    fn around() -> Self {
        let owner = work::current().and_then(|work| work.owner.clone());
        let slots = owner.and_then(|owner| owner.downcast::<Self>().ok());
        slots.map_or_else(Self::default, |slots| (*slots).clone())
    }
}

/// Records that a run and its enclosing runs wait for an instance.
pub(super) struct Waiting(Vec<Arc<Slot>>);

impl Waiting {
    /// `None` if the wait might never end, because every instance of the
    /// interpreter is held by a run that waits like this.
    pub(super) fn begin(blocked: &Arc<Blocked>, instances: usize) -> Option<Self> {
        let mut slots = Slots::around().0;
        slots.retain(|slot| Arc::ptr_eq(&slot.blocked, blocked));
        let is_nested = !slots.is_empty();
        for slot in &slots {
            if slot.waiting.fetch_add(1, Ordering::AcqRel) == 0 {
                blocked.0.fetch_add(1, Ordering::AcqRel);
            }
        }
        let waiting = Self(slots);
        let is_stuck = is_nested && blocked.0.load(Ordering::Acquire) >= instances;
        (!is_stuck).then_some(waiting)
    }
}

impl Drop for Waiting {
    fn drop(&mut self) {
        for slot in &self.0 {
            if slot.waiting.fetch_sub(1, Ordering::AcqRel) == 1 {
                slot.blocked.0.fetch_sub(1, Ordering::AcqRel);
            }
        }
    }
}

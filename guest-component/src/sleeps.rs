//! The sleeps of tasks, and the time that they are measured by.

use std::{
    cell::Cell,
    time::{Duration, SystemTime},
};

/// An `asyncio.sleep()`.
pub struct Sleep {
    /// The call.
    pub id: u32,
    /// How long the script wants to sleep.
    pub duration: Duration,
    /// When that is over, by the [`SleepClock`].
    until: Duration,
}

/// The sleeps that are not over.
#[derive(Default)]
pub struct Sleeps {
    sleeps: Vec<Sleep>,
    clock: SleepClock,
}

impl Sleeps {
    /// Starts a sleep of which this time is left.
    pub fn start(&mut self, id: u32, duration: Duration, left: Duration) {
        let until = self.clock.now().saturating_add(left);
        self.sleeps.push(Sleep {
            id,
            duration,
            until,
        });
    }

    /// Whether none is under way.
    pub fn is_empty(&self) -> bool {
        self.sleeps.is_empty()
    }

    /// Those that are under way, each with the time that is left.
    pub fn left(&self) -> impl Iterator<Item = (&Sleep, Duration)> {
        let now = || self.clock.now();
        self.sleeps
            .iter()
            .map(move |sleep| (sleep, sleep.until.saturating_sub(now())))
    }

    /// The one that is over first.
    pub fn first(&self) -> Option<(&Sleep, Duration)> {
        self.left().min_by_key(|(sleep, _)| sleep.until)
    }

    /// Takes it that the time of the first sleep has come.
    pub fn advance(&mut self) {
        if let Some(until) = self.sleeps.iter().map(|sleep| sleep.until).min() {
            self.clock.advance_to(until);
        }
    }

    /// Ends a sleep before its time.
    pub fn end(&mut self, id: u32) {
        self.sleeps.retain(|sleep| sleep.id != id);
    }

    /// Takes the calls whose sleep is over.
    pub fn wake(&mut self) -> Vec<u32> {
        if self.sleeps.is_empty() {
            return Vec::new();
        }
        let now = self.clock.now();
        let awake = self.sleeps.extract_if(.., |sleep| sleep.until <= now);
        awake.map(|sleep| sleep.id).collect()
    }
}

/// The time that sleeps are measured by. It is the time of day, because the
/// monotonic clock may stand still while the host works; it never goes back,
/// and it goes on when the host says that a time is over, even if it did not
/// wait for it.
#[derive(Default)]
struct SleepClock {
    /// Read at the first sleep: a script that does not sleep asks for no time.
    started: Cell<Option<SystemTime>>,
    latest: Cell<Duration>,
    ahead: Duration,
}

impl SleepClock {
    /// The time since some start.
    fn now(&self) -> Duration {
        let elapsed = match self.started.get() {
            Some(started) => started.elapsed().unwrap_or_default(),
            None => {
                self.started.set(Some(SystemTime::now()));
                Duration::ZERO
            }
        };
        let now = elapsed.saturating_add(self.ahead).max(self.latest.get());
        self.latest.set(now);
        now
    }

    /// Takes it that a time has come.
    fn advance_to(&mut self, time: Duration) {
        let behind = time.saturating_sub(self.now());
        self.ahead = self.ahead.saturating_add(behind);
    }
}

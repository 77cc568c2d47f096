//! The time of day.

use std::time::{Duration, Instant, SystemTime};

/// The source of a script's time of day.
#[derive(Clone, Copy, Debug, Default, PartialEq, Eq)]
#[non_exhaustive]
pub enum Clock {
    /// The real time.
    #[default]
    System,
    /// Always this instant, to the microsecond, so that a run is repeatable.
    Fixed(SystemTime),
    /// As an option of a script: the answer of its [`Os`](super::Os). For a
    /// [`System`](super::System), which is such an `Os`: the real time.
    Host,
}

/// A running clock.
#[derive(Clone, Debug)]
pub(super) struct RunningClock {
    pub clock: Clock,
    started: Instant,
    started_at: SystemTime,
}

impl Default for RunningClock {
    fn default() -> Self {
        Self::new(Clock::default())
    }
}

impl RunningClock {
    pub fn new(clock: Clock) -> Self {
        Self {
            clock,
            started: Instant::now(),
            started_at: SystemTime::now(),
        }
    }

    pub fn now(&self) -> SystemTime {
        match self.clock {
            Clock::Fixed(instant) => instant,
            Clock::System | Clock::Host => SystemTime::now(),
        }
    }

    /// The time since the Unix epoch, based on the time at which the clock was
    /// created. It never runs backwards, and is zero before the epoch.
    pub fn monotonic_now(&self) -> Duration {
        let since_epoch = |time: SystemTime| {
            time.duration_since(SystemTime::UNIX_EPOCH)
                .unwrap_or_default()
        };
        match self.clock {
            Clock::Fixed(instant) => since_epoch(instant),
            Clock::System | Clock::Host => {
                since_epoch(self.started_at).saturating_add(self.started.elapsed())
            }
        }
    }
}

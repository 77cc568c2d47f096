//! Counts the time of a run.

use std::sync::atomic::{AtomicU8, AtomicU64, Ordering};
use std::time::{Duration, Instant};

/// The activity that a run's time counts towards.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
#[repr(u8)]
pub(crate) enum Phase {
    /// Python computes.
    Python,
    /// The host works for the run: messages, files, prints, results.
    Host,
    /// The run waits for a tool, or sleeps. Decoding and answering a small call
    /// counts here too: separating the two would cost more than the work.
    Waiting,
    /// The executor runs other tasks.
    Away,
}

impl Phase {
    const COUNT: usize = 4;

    fn from_index(index: u8) -> Self {
        match index {
            0 => Self::Python,
            1 => Self::Host,
            2 => Self::Waiting,
            _ => Self::Away,
        }
    }
}

/// Counts the time of a run in each [`Phase`].
///
/// The time in Python is also the component's monotonic clock, so that the
/// inner and the outer limit count the same time. It stops while the host works
/// and while the script waits.
///
/// One task at a time drives a run and changes its phase. Pending calls are
/// tasks of their own; their host time is [added](Self::add_host_time).
#[derive(Debug)]
pub(crate) struct RunClock {
    started: Instant,
    phase: AtomicU8,
    /// The start of the phase, in nanoseconds since the start of the clock.
    since: AtomicU64,
    /// The time of each earlier phase, in nanoseconds.
    spent: [AtomicU64; Phase::COUNT],
    /// The time in Python, in nanoseconds, at which a reason to stop was first
    /// seen, or 0.
    stopped_nanos: AtomicU64,
    /// How often the time was read. A call should read it rarely.
    #[cfg(test)]
    pub(crate) readings: AtomicU64,
}

impl RunClock {
    pub(crate) fn new() -> Self {
        Self {
            started: Instant::now(),
            phase: AtomicU8::new(Phase::Python as u8),
            since: AtomicU64::new(0),
            spent: Default::default(),
            stopped_nanos: AtomicU64::new(0),
            #[cfg(test)]
            readings: AtomicU64::new(0),
        }
    }

    /// Restarts the count from earlier totals.
    pub(crate) fn restart(&self, python: Duration, host: Duration, waiting: Duration) {
        self.since.store(self.now(), Ordering::Relaxed);
        self.phase.store(Phase::Python as u8, Ordering::Relaxed);
        self.stopped_nanos.store(0, Ordering::Relaxed);
        let before = [python, host, waiting, Duration::ZERO];
        for (spent, before) in self.spent.iter().zip(before) {
            spent.store(nanos(before), Ordering::Relaxed);
        }
    }

    /// Counts towards another phase until the guard is dropped.
    pub(crate) fn enter(&self, phase: Phase) -> Entered<'_> {
        Entered {
            clock: self,
            before: self.switch(phase),
        }
    }

    /// The current phase.
    pub(crate) fn phase(&self) -> Phase {
        Phase::from_index(self.phase.load(Ordering::Relaxed))
    }

    /// The time in Python.
    pub(crate) fn python_time(&self) -> Duration {
        self.time_in(Phase::Python)
    }

    /// The time the host worked.
    pub(crate) fn host_time(&self) -> Duration {
        self.time_in(Phase::Host)
    }

    /// The time the script waited.
    pub(crate) fn wait_time(&self) -> Duration {
        self.time_in(Phase::Waiting)
    }

    /// Adds the host time of a task beside the run.
    pub(crate) fn add_host_time(&self, time: Duration) {
        if let Some(spent) = self.spent.get(Phase::Host as usize) {
            spent.fetch_add(nanos(time), Ordering::Relaxed);
        }
    }

    /// The time in Python since this was first called after the
    /// [restart](Self::restart).
    pub(crate) fn since_stop(&self) -> Duration {
        let now = nanos(self.python_time()).max(1);
        let first =
            self.stopped_nanos
                .compare_exchange(0, now, Ordering::Relaxed, Ordering::Relaxed);
        Duration::from_nanos(now.saturating_sub(first.err().unwrap_or(now)))
    }

    fn time_in(&self, phase: Phase) -> Duration {
        let spent = self.spent.get(phase as usize);
        let spent = spent.map_or(0, |spent| spent.load(Ordering::Relaxed));
        let under_way = if self.phase.load(Ordering::Relaxed) == phase as u8 {
            let since = self.since.load(Ordering::Relaxed);
            self.now().saturating_sub(since)
        } else {
            0
        };
        Duration::from_nanos(spent.saturating_add(under_way))
    }

    /// Counts towards another phase. Returns the one before. Reads no clock if the
    /// phase stays the same.
    pub(crate) fn switch(&self, phase: Phase) -> Phase {
        if self.phase() == phase {
            return phase;
        }
        let now = self.now();
        let since = self.since.swap(now, Ordering::Relaxed);
        let before = self.phase.swap(phase as u8, Ordering::Relaxed);
        if let Some(spent) = self.spent.get(usize::from(before)) {
            spent.fetch_add(now.saturating_sub(since), Ordering::Relaxed);
        }
        Phase::from_index(before)
    }

    fn now(&self) -> u64 {
        #[cfg(test)]
        self.readings.fetch_add(1, Ordering::Relaxed);
        nanos(self.started.elapsed())
    }
}

/// The duration in nanoseconds, as the contract counts them.
pub(crate) fn nanos(duration: Duration) -> u64 {
    u64::try_from(duration.as_nanos()).unwrap_or(u64::MAX)
}

/// Keeps a [`RunClock`] in a phase.
pub(crate) struct Entered<'a> {
    clock: &'a RunClock,
    before: Phase,
}

impl Drop for Entered<'_> {
    fn drop(&mut self) {
        self.clock.switch(self.before);
    }
}

//! `time.sleep()` and `asyncio.sleep()`.

use std::sync::atomic::{AtomicU64, Ordering};
use std::time::{Duration, Instant};

use monty_value::types::Exception;

use super::ErrorCode;

/// What happens when a script sleeps.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
#[non_exhaustive]
pub enum SleepPolicy {
    /// It waits, up to `total` in all. A sleep that would exceed it raises
    /// `TimeoutError` at once. A sleep counts for at least a millisecond, the
    /// shortest timer; a sleep of zero counts for nothing.
    ///
    /// Needs a tokio runtime with time enabled.
    ///
    /// [`Duration::MAX`] lifts the limit. A sleeping script uses no time in
    /// Python, so no other limit may stop a script that sleeps in a loop.
    Wait {
        /// The limit on the sum of all sleeps.
        total: Duration,
    },
    /// It continues at once.
    Skip,
}

/// Waits up to 10 seconds in all.
impl Default for SleepPolicy {
    fn default() -> Self {
        Self::Wait {
            total: Duration::from_secs(10),
        }
    }
}

/// A policy, and the time slept under it.
#[derive(Default)]
pub(super) struct Sleeper {
    pub policy: SleepPolicy,
    slept_micros: AtomicU64,
}

impl Sleeper {
    pub fn new(policy: SleepPolicy) -> Self {
        Self {
            policy,
            slept_micros: AtomicU64::new(0),
        }
    }

    pub async fn sleep(&self, duration: Duration) -> Result<(), ErrorCode> {
        let SleepPolicy::Wait { total } = self.policy else {
            return Ok(());
        };
        let limit = micros(total);
        let counted = match micros(duration) {
            0 => 0,
            micros => micros.max(1000),
        };
        self.slept_micros
            .try_update(Ordering::Relaxed, Ordering::Relaxed, |slept| {
                let slept = slept.saturating_add(counted);
                (slept <= limit).then_some(slept)
            })
            .map_err(|_| {
                ErrorCode::Raised(Exception::new(
                    "TimeoutError",
                    format!("this script may sleep {total:?} in total"),
                ))
            })?;
        let mut counted = Counted {
            slept_micros: &self.slept_micros,
            micros: counted,
            since: Instant::now(),
        };
        if duration.is_zero() {
            // A timer waits for a millisecond at least.
            tokio::task::yield_now().await;
        } else {
            tokio::time::sleep(duration).await;
        }
        counted.micros = 0;
        Ok(())
    }
}

/// A sleep that was counted. One that is dropped before its end, because a tool
/// answered meanwhile, is counted for as long as it took.
struct Counted<'a> {
    slept_micros: &'a AtomicU64,
    micros: u64,
    since: Instant,
}

impl Drop for Counted<'_> {
    fn drop(&mut self) {
        let left = self.micros.saturating_sub(micros(self.since.elapsed()));
        self.slept_micros.fetch_sub(left, Ordering::Relaxed);
    }
}

fn micros(duration: Duration) -> u64 {
    u64::try_from(duration.as_micros()).unwrap_or(u64::MAX)
}

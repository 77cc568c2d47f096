//! An instance of the checker, and what it may use up.

use std::sync::Arc;
use std::sync::atomic::{AtomicU64, Ordering};
use std::time::{Duration, Instant};

use wasmtime::{Engine, Store, Trap, UpdateDeadline};

use super::bindings::CheckerPre;
use super::bindings::exports::monty::checker::type_checker as wit;
use super::checker::CheckLimits;
use crate::embed::MemoryLimiter;
use crate::error::Error;

/// How many times its limit a check may take on the clock, while it waits for the
/// processor or for memory.
const CLOCK_FACTOR: u32 = 10;

/// The state of an instance.
pub(super) struct State {
    memory: MemoryLimiter,
    began: Instant,
    /// The time that the thread had spent when it last went on with the check, in
    /// nanoseconds. The thread is the same until the check yields.
    resumed: Arc<AtomicU64>,
    /// What the check spent before that.
    spent: Duration,
    duration: Duration,
}

/// What a check came to.
pub(super) enum Checked {
    Found(wit::Findings),
    /// The request is wrong.
    Refused(String),
    /// It was stopped, or the checker failed on this source.
    Stopped(String),
}

/// The check ran out of time.
#[derive(Debug)]
struct OutOfTime;

impl std::fmt::Display for OutOfTime {
    fn fmt(&self, formatter: &mut std::fmt::Formatter<'_>) -> std::fmt::Result {
        formatter.write_str("the check is out of time")
    }
}

impl std::error::Error for OutOfTime {}

/// The processor time of the thread in nanoseconds: a busy machine does not make a
/// check longer.
#[cfg(any(target_os = "linux", target_os = "android", target_vendor = "apple"))]
fn thread_time() -> u64 {
    let time = rustix::time::clock_gettime(rustix::time::ClockId::ThreadCPUTime);
    Duration::try_from(time).map_or(0, nanoseconds)
}

/// The time on the clock in nanoseconds, where that of threads is not told.
#[cfg(not(any(target_os = "linux", target_os = "android", target_vendor = "apple")))]
fn thread_time() -> u64 {
    use std::sync::LazyLock;
    static FIRST: LazyLock<Instant> = LazyLock::new(Instant::now);
    nanoseconds(FIRST.elapsed())
}

fn nanoseconds(time: Duration) -> u64 {
    u64::try_from(time.as_nanos()).unwrap_or(u64::MAX)
}

/// Checks in an instance of its own, which nothing survives.
pub(super) async fn check(
    engine: &Engine,
    checker: &CheckerPre<State>,
    limits: &CheckLimits,
    request: &wit::Request,
) -> Result<Checked, Error> {
    let state = State {
        memory: MemoryLimiter::new(limits.memory_bytes),
        began: Instant::now(),
        resumed: Arc::new(AtomicU64::new(thread_time())),
        spent: Duration::ZERO,
        duration: limits.duration,
    };
    let mut store = Store::new(engine, state);
    store.limiter(|state| &mut state.memory);
    store.set_epoch_deadline(1);
    store.epoch_deadline_callback(|mut store| {
        let state = store.data_mut();
        let resumed = state.resumed.load(Ordering::Relaxed);
        state.spent += Duration::from_nanos(thread_time().saturating_sub(resumed));
        let on_the_clock = state.duration.saturating_mul(CLOCK_FACTOR);
        if state.spent > state.duration || state.began.elapsed() > on_the_clock {
            return Err(OutOfTime.into());
        }
        let resumed = Arc::clone(&state.resumed);
        let others = async move {
            tokio::task::yield_now().await;
            resumed.store(thread_time(), Ordering::Relaxed);
        };
        Ok(UpdateDeadline::YieldCustom(1, Box::pin(others)))
    });
    let instance = checker.instantiate_async(&mut store).await;
    let instance = instance
        .map_err(|error| Error::sandbox("the type checker cannot be started", Some(error)))?;
    let guest = instance.monty_checker_type_checker();
    match guest.call_check(&mut store, request).await {
        Ok(Ok(findings)) => Ok(Checked::Found(findings)),
        Ok(Err(wit::Failure::InvalidRequest(message))) => Ok(Checked::Refused(message)),
        Ok(Err(wit::Failure::Internal(message))) => Ok(Checked::Stopped(format!(
            "the type checker failed: {message}"
        ))),
        Err(error) => Ok(Checked::Stopped(reason(&store, limits, &error))),
    }
}

/// Why a check was stopped.
fn reason(store: &Store<State>, limits: &CheckLimits, error: &wasmtime::Error) -> String {
    if error.is::<OutOfTime>() {
        return format!(
            "the check took longer than {:?}: shorten the source, or raise `CheckLimits::duration`",
            limits.duration
        );
    }
    if store.data().memory.refused() {
        return format!(
            "the check needs more than {} bytes of memory: shorten the source, or raise `CheckLimits::memory_bytes`",
            limits.memory_bytes
        );
    }
    match error.downcast_ref::<Trap>() {
        Some(Trap::StackOverflow | Trap::MemoryOutOfBounds) => {
            "the source is nested too deeply for the type checker".to_owned()
        }
        _ => format!("the type checker failed on this source: {error:#}"),
    }
}

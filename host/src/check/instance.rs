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

/// The state of an instance.
pub(super) struct State {
    memory: MemoryLimiter,
    began: Instant,
    /// Nanoseconds in which other tasks of the executor ran.
    away: Arc<AtomicU64>,
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
        away: Arc::default(),
        duration: limits.duration,
    };
    let mut store = Store::new(engine, state);
    store.limiter(|state| &mut state.memory);
    store.set_epoch_deadline(1);
    store.epoch_deadline_callback(|store| {
        let state = store.data();
        let away = Duration::from_nanos(state.away.load(Ordering::Relaxed));
        if state.began.elapsed().saturating_sub(away) > state.duration {
            return Err(OutOfTime.into());
        }
        let away = Arc::clone(&state.away);
        let others = async move {
            let left = Instant::now();
            tokio::task::yield_now().await;
            let nanoseconds = u64::try_from(left.elapsed().as_nanos()).unwrap_or(u64::MAX);
            away.fetch_add(nanoseconds, Ordering::Relaxed);
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

//! The state behind the component's imports.

use std::sync::Arc;
use std::sync::atomic::{AtomicU64, Ordering};

use monty_value::graph::{GraphCaps, MAX_DEPTH};

use super::limiter::MemoryLimiter;
use super::pending::PendingCalls;
use crate::account::clock::RunClock;
use crate::account::stop::{Flag, Stop, Stops};
use crate::account::work::{Owner, Work};
use crate::host::{Host, SharedPrint};
use crate::limits::{Limit, Limits};
use crate::os::Os;
use crate::statistics::Statistics;
use crate::tools::ExternalCall;

/// The state behind the component's three imports: what a script reaches, its
/// limits, and its usage. A store holds one, which the imports find through
/// [`MontyView`].
///
/// By default:
///
/// * the script reaches nothing, and prints are dropped;
/// * the [`Limits`] have their defaults.
pub struct MontyCtx {
    id: ContextId,
    pub(super) external: Arc<dyn ExternalCall>,
    pub(super) os: Arc<dyn Os>,
    pub(super) print: Option<SharedPrint>,
    pub(super) limits: Limits,
    pub(super) stops: Stops,
    pub(super) trace_arguments: bool,
    pub(super) work: Arc<Work>,
    pub(super) pending: PendingCalls,
    pub(super) memory: MemoryLimiter,
    pub(super) trapped: bool,
    /// Whether the interpreter suspended what the host then refused.
    pub(super) left_suspended: bool,
    /// Data that the owner of the run keeps with it.
    owner: Owner,
    calls: u64,
    output_bytes: u64,
}

impl std::fmt::Debug for MontyCtx {
    fn fmt(&self, formatter: &mut std::fmt::Formatter<'_>) -> std::fmt::Result {
        formatter
            .debug_struct("MontyCtx")
            .field("limits", &self.limits)
            .finish_non_exhaustive()
    }
}

/// Tells contexts, and so stores, apart.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub(super) struct ContextId(u64);

impl ContextId {
    fn unique() -> Self {
        static NEXT: AtomicU64 = AtomicU64::new(0);
        Self(NEXT.fetch_add(1, Ordering::Relaxed))
    }
}

impl Default for MontyCtx {
    fn default() -> Self {
        Self::new(Host::new())
    }
}

impl MontyCtx {
    /// A context whose scripts reach `host`.
    pub fn new(host: impl Into<Host>) -> Self {
        let host = host.into();
        let limits = Limits::default();
        let stops = Stops::new(host.interrupt.unwrap_or_default());
        let clock = Arc::new(RunClock::new());
        Self {
            id: ContextId::unique(),
            external: host.external,
            os: host.os,
            print: host.print,
            work: Arc::new(Work::new(&limits, clock, stops.clone(), None)),
            memory: MemoryLimiter::new(limits.linear_memory_bytes()),
            limits,
            stops,
            trace_arguments: host.trace_arguments,
            pending: PendingCalls::default(),
            trapped: false,
            left_suspended: false,
            owner: None,
            calls: 0,
            output_bytes: 0,
        }
    }

    /// Limits what runs in the store from its next call on.
    #[must_use]
    pub fn limits(mut self, limits: Limits) -> Self {
        self.set_limits(limits);
        self
    }

    /// Limits what runs in the store from its next call on. A session that is
    /// open keeps its limits of duration, memory and depth, which the
    /// interpreter checks itself: [`FeedOptions::limits`] changes those for one
    /// snippet.
    ///
    /// [`FeedOptions::limits`]: super::FeedOptions::limits
    pub fn set_limits(&mut self, limits: Limits) {
        self.limits = limits;
    }

    /// The usage of the last call into the store.
    pub fn statistics(&self) -> Statistics {
        let clock = &self.work.clock;
        Statistics {
            python_time: clock.python_time(),
            host_time: clock.host_time(),
            wait_time: clock.wait_time(),
            calls: self.calls,
            peak_memory_bytes: self.peak_memory_bytes(),
            peak_host_memory_bytes: self.work.peak_bytes(),
            output_bytes: self.output_bytes,
        }
    }

    /// Whether the instance in the store trapped, or was abandoned in the
    /// middle of a call. Nothing can run in it any more.
    pub fn has_trapped(&self) -> bool {
        self.trapped
    }

    /// Keeps data with later runs, where their tools can reach it.
    pub(crate) fn set_owner(&mut self, owner: Owner) {
        self.owner = owner;
    }

    pub(super) fn id(&self) -> ContextId {
        self.id
    }

    pub(crate) fn current_limits(&self) -> &Limits {
        &self.limits
    }

    /// Also stops when this is raised.
    pub(crate) fn stop_with(&mut self, shut_down: Arc<Flag>) {
        self.stops.also(shut_down);
    }

    /// The context for another instance, without the state of this one.
    pub(crate) fn detached(mut self) -> Self {
        self.pending = PendingCalls::default();
        self.trapped = false;
        self
    }

    /// The most linear memory that the instance had.
    pub(crate) fn peak_memory_bytes(&self) -> usize {
        self.memory.peak()
    }

    /// Whether an instance that was made under another context is within the
    /// limits of this one.
    pub(crate) fn may_take_over(&self, other: &Self) -> bool {
        other.memory.peak() <= self.limits.linear_memory_bytes()
    }

    /// Takes the place of another context in its store.
    pub(crate) fn take_over(&mut self, other: &Self) {
        self.id = other.id;
        self.memory = other.memory.clone();
    }

    /// Drops what the host lent to the script, and cancels its calls.
    pub(crate) fn let_go(&mut self) {
        let Host { external, os, .. } = Host::new();
        self.external = external;
        self.os = os;
        self.print = None;
        self.owner = None;
        self.pending = PendingCalls::default();
    }

    pub(crate) fn stops(&self) -> &Stops {
        &self.stops
    }

    /// The caps on the values that the script sends.
    pub(super) fn caps(&self) -> GraphCaps {
        GraphCaps {
            expanded_bytes: self.limits.message_bytes as u64,
            depth: MAX_DEPTH,
        }
    }

    /// Starts to count from earlier usage.
    pub(super) fn begin(&mut self, before: &Statistics) {
        self.pending.cancel();
        self.calls = before.calls;
        self.output_bytes = before.output_bytes;
        let clock = Arc::clone(&self.work.clock);
        clock.restart(before.python_time, before.host_time, before.wait_time);
        self.memory.begin(self.limits.linear_memory_bytes());
        let (stops, owner) = (self.stops.clone(), self.owner.clone());
        self.work = Arc::new(Work::new(&self.limits, clock, stops, owner));
    }

    /// Stops the run if the interpreter does not end it in time.
    pub(super) fn check_python_time(&self) -> Result<(), Stop> {
        if self.stops.is_shut_down() {
            return Err(Stop::ShutDown);
        }
        let clock = &self.work.clock;
        let grace = self.limits.grace;
        if self.stops.is_raised() && clock.since_stop() > grace {
            return Err(self.stops.reason().unwrap_or(Stop::Interrupted));
        }
        let elapsed = clock.python_time();
        match self.limits.duration {
            Some(duration) if elapsed > duration.saturating_add(grace) => {
                Err(time_exceeded(elapsed, duration))
            }
            _ => Ok(()),
        }
    }

    /// Stops the run if one more concurrent call exceeds the limit.
    pub(super) fn count_concurrent(&mut self) -> Result<(), Stop> {
        match self.limits.concurrent_calls {
            Some(limit) if self.pending.open() >= limit => Err(Stop::Limit {
                limit: Limit::ConcurrentCalls,
                message: format!(
                    "call limit exceeded: more than {} at a time",
                    calls(limit as u64)
                ),
            }),
            _ => Ok(()),
        }
    }

    /// Counts a call, and stops the run if it exceeds the limit.
    pub(super) fn count_call(&mut self) -> Result<(), Stop> {
        self.calls += 1;
        match self.limits.calls {
            Some(limit) if self.calls > limit => Err(Stop::Limit {
                limit: Limit::Calls,
                message: format!("call limit exceeded: more than {}", calls(limit)),
            }),
            _ => Ok(()),
        }
    }

    /// Counts a print, and stops the run if it exceeds the limit.
    pub(super) fn count_output(&mut self, text: &str) -> Result<(), Stop> {
        self.output_bytes = self.output_bytes.saturating_add(text.len() as u64);
        match self.limits.output_bytes {
            Some(limit) if self.output_bytes > limit => Err(Stop::Limit {
                limit: Limit::Output,
                message: format!("output limit exceeded: more than {limit} bytes printed"),
            }),
            _ => Ok(()),
        }
    }
}

/// The error for a run that exceeds its time in Python.
pub(super) fn time_exceeded(elapsed: std::time::Duration, limit: std::time::Duration) -> Stop {
    Stop::Limit {
        limit: Limit::Duration,
        message: format!("time limit exceeded: {elapsed:?} > {limit:?}"),
    }
}

/// A number of calls, in words.
fn calls(number: u64) -> String {
    match number {
        1 => "1 call".to_owned(),
        number => format!("{number} calls"),
    }
}

/// Access to the [`MontyCtx`] in a store.
pub trait MontyView: Send {
    /// The context.
    fn monty(&mut self) -> &mut MontyCtx;
}

//! What a run reaches and what it has used up: the state behind the imports.

use std::sync::Arc;
use std::sync::atomic::{AtomicU64, Ordering};
use std::time::{Duration, Instant};

use monty_value::graph::GraphCaps;
use wasmtime::component::{HasData, Linker};

use crate::bindings::Sandbox;
use crate::interrupt::{INTERRUPTED, InterruptHandle, Stops};
use crate::limits::{Limit, Limits};
use crate::os::{DenyAll, Os};
use crate::pending::PendingCalls;
use crate::print::{Discard, Print};
use crate::statistics::{Budget, Usage};
use crate::tools::{ExternalCall, Tools};

/// What a script reaches, and what it has used up: the state behind the three
/// imports of the component.
///
/// [`Script`](crate::Script) makes one for each run. A host that owns its
/// linker and store keeps one in the store and implements [`MontyView`].
///
/// By default:
///
/// * no function and no name is found;
/// * no file, variable, clock, module or random number is served;
/// * prints are thrown away;
/// * nothing interrupts;
/// * the [`Limits`] are their defaults.
pub struct MontyCtx {
    pub(crate) external: Arc<dyn ExternalCall>,
    pub(crate) os: Arc<dyn Os>,
    pub(crate) print: Box<dyn Print>,
    pub(crate) limits: Limits,
    pub(crate) stops: Stops,
    pub(crate) trace_arguments: bool,
    pub(crate) clock: Arc<GuestClock>,
    pub(crate) pending: PendingCalls,
    pub(crate) calls: u64,
    pub(crate) output_bytes: u64,
}

impl std::fmt::Debug for MontyCtx {
    fn fmt(&self, formatter: &mut std::fmt::Formatter<'_>) -> std::fmt::Result {
        formatter
            .debug_struct("MontyCtx")
            .field("limits", &self.limits)
            .finish_non_exhaustive()
    }
}

impl Default for MontyCtx {
    fn default() -> Self {
        Self::new()
    }
}

impl MontyCtx {
    /// A context that allows nothing.
    pub fn new() -> Self {
        Self {
            external: Arc::new(Tools::new()),
            os: Arc::new(DenyAll),
            print: Box::new(Discard),
            limits: Limits::default(),
            stops: Stops::default(),
            trace_arguments: false,
            clock: Arc::new(GuestClock::new()),
            pending: PendingCalls::default(),
            calls: 0,
            output_bytes: 0,
        }
    }

    /// Lets a handle stop what runs.
    #[must_use]
    pub fn interrupt(mut self, handle: InterruptHandle) -> Self {
        self.stops.interrupt = handle;
        self
    }

    /// Whether the tracing spans of calls hold their arguments. They do not
    /// unless asked: arguments may be secret.
    #[must_use]
    pub fn trace_arguments(mut self, trace: bool) -> Self {
        self.trace_arguments = trace;
        self
    }

    /// Answers the script's calls.
    #[must_use]
    pub fn external_call(mut self, external: Arc<dyn ExternalCall>) -> Self {
        self.external = external;
        self
    }

    /// Serves files, environment, clocks, randomness and modules.
    #[must_use]
    pub fn os(mut self, os: Arc<dyn Os>) -> Self {
        self.os = os;
        self
    }

    /// Takes what the script prints.
    #[must_use]
    pub fn print(mut self, print: impl Print + 'static) -> Self {
        self.print = Box::new(print);
        self
    }

    /// Limits the run. The imports see to `calls`, `output_bytes` and the size
    /// of values; [`limit_store`] sees to the rest of what is limited from
    /// outside, and [`Limits`] has to be in the options of `run` for what is
    /// limited inside.
    #[must_use]
    pub fn limits(mut self, limits: Limits) -> Self {
        self.limits = limits;
        self
    }

    /// The caps on the values that the script sends.
    pub(crate) fn caps(&self) -> GraphCaps {
        GraphCaps::DEFAULT
    }

    /// Starts to count for a piece of code that has used up something before.
    pub(crate) fn begin(&mut self, before: Usage) {
        self.pending.cancel();
        self.calls = before.calls;
        self.output_bytes = before.output_bytes;
        self.clock.restart(before.python_time, before.host_time);
    }

    /// What the piece of code has used up.
    pub(crate) fn usage(&self) -> Usage {
        Usage {
            calls: self.calls,
            output_bytes: self.output_bytes,
            python_time: self.clock.elapsed(),
            host_time: self.clock.host_time(),
        }
    }

    /// What a piece of code that is suspended may use up, and has.
    pub(crate) fn budget(&self) -> Budget {
        Budget {
            used: self.usage(),
            limits: self.limits.clone(),
        }
    }

    /// Stops the run if one more call at a time is too many.
    pub(crate) fn count_concurrent(&mut self) -> Result<(), Stopped> {
        match self.limits.concurrent_calls {
            Some(limit) if self.pending.under_way() >= limit => Err(Stopped {
                limit: Limit::ConcurrentCalls,
                message: format!("call limit exceeded: more than {limit} calls at a time"),
            }),
            _ => Ok(()),
        }
    }

    /// Counts a call, and stops the run if it is one too many.
    pub(crate) fn count_call(&mut self) -> Result<(), Stopped> {
        self.calls += 1;
        match self.limits.calls {
            Some(limit) if self.calls > limit => Err(Stopped {
                limit: Limit::Calls,
                message: format!("call limit exceeded: more than {limit} calls"),
            }),
            _ => Ok(()),
        }
    }

    /// Counts a print, and stops the run if it is one too many.
    pub(crate) fn count_output(&mut self, text: &str) -> Result<(), Stopped> {
        self.output_bytes = self.output_bytes.saturating_add(text.len() as u64);
        match self.limits.output_bytes {
            Some(limit) if self.output_bytes > limit => Err(Stopped {
                limit: Limit::Output,
                message: format!("output limit exceeded: more than {limit} bytes printed"),
            }),
            _ => Ok(()),
        }
    }
}

/// Access to the [`MontyCtx`] in a store, for hosts that own their linker and
/// store.
pub trait MontyView: Send {
    /// The context.
    fn monty(&mut self) -> &mut MontyCtx;
}

/// Links the component's imports `external-call`, `os-call` and `print`. WASI
/// is linked with [`wasmtime_wasi::p2::add_to_linker_async`].
///
/// # Errors
///
/// If one of them is linked already.
pub fn add_to_linker<T: MontyView + 'static>(linker: &mut Linker<T>) -> wasmtime::Result<()> {
    Sandbox::add_to_linker::<T, HasMonty>(linker, T::monty)
}

struct HasMonty;

impl HasData for HasMonty {
    type Data<'a> = &'a mut MontyCtx;
}

/// Sees to the limits of a store's [`MontyCtx`] that wasmtime can stop from
/// outside: the time in Python, by way of epochs, and the size of messages. It
/// also lets an [`InterruptHandle`] stop the run. What is used up counts from
/// this call on.
///
/// The engine must have `epoch_interruption` on and something that increments
/// its epoch; each epoch, the run yields to other tasks of the executor.
pub fn limit_store<T: MontyView + 'static>(store: &mut wasmtime::Store<T>) {
    store.data_mut().monty().stops.interrupt.reset();
    limit_store_keeping_interrupt(store);
}

/// The same for a run whose interrupt counts from an earlier moment on.
pub(crate) fn limit_store_keeping_interrupt<T: MontyView + 'static>(
    store: &mut wasmtime::Store<T>,
) {
    let context = store.data_mut().monty();
    context.begin(Usage::default());
    let message_bytes = context.limits.message_bytes;
    store.set_hostcall_fuel(message_bytes);
    store.set_epoch_deadline(1);
    store.epoch_deadline_callback(|mut store| {
        let context = store.data_mut().monty();
        if context.stops.shut_down.is_raised() {
            return Err(wasmtime::Error::from(Interrupted));
        }
        let elapsed = context.clock.elapsed();
        let grace = context.limits.grace;
        if context.stops.interrupt.is_raised() && context.clock.since_interrupt() > grace {
            return Err(wasmtime::Error::from(Interrupted));
        }
        if let Some(duration) = context.limits.duration
            && elapsed > duration.saturating_add(grace)
        {
            return Err(wasmtime::Error::from(Stopped {
                limit: Limit::Duration,
                message: format!("time limit exceeded: {elapsed:?} > {duration:?}"),
            }));
        }
        let clock = Arc::clone(&context.clock);
        let others = async move {
            let pause = clock.pause();
            tokio::task::yield_now().await;
            drop(pause);
        };
        Ok(wasmtime::UpdateDeadline::YieldCustom(1, Box::pin(others)))
    });
}

/// The error of a trap that stands for an interrupt.
#[derive(Clone, Copy, Debug)]
pub(crate) struct Interrupted;

impl std::fmt::Display for Interrupted {
    fn fmt(&self, formatter: &mut std::fmt::Formatter<'_>) -> std::fmt::Result {
        formatter.write_str(INTERRUPTED)
    }
}

impl std::error::Error for Interrupted {}

/// The error of a trap that stands for code of the host that failed.
#[derive(Debug)]
pub(crate) struct HostFailed {
    pub(crate) message: String,
    pub(crate) source: Option<Box<dyn std::error::Error + Send + Sync>>,
}

impl std::fmt::Display for HostFailed {
    fn fmt(&self, formatter: &mut std::fmt::Formatter<'_>) -> std::fmt::Result {
        formatter.write_str(&self.message)
    }
}

impl std::error::Error for HostFailed {
    fn source(&self) -> Option<&(dyn std::error::Error + 'static)> {
        self.source.as_deref().map(|source| source as _)
    }
}

/// The error of a trap that stands for a limit.
#[derive(Clone, Debug)]
pub(crate) struct Stopped {
    pub(crate) limit: Limit,
    pub(crate) message: String,
}

impl std::fmt::Display for Stopped {
    fn fmt(&self, formatter: &mut std::fmt::Formatter<'_>) -> std::fmt::Result {
        formatter.write_str(&self.message)
    }
}

impl std::error::Error for Stopped {}

/// The time in Python: it stands still while the host works.
///
/// It is also the monotonic clock that the component sees, so that the limit
/// inside and the limit outside count the same time.
#[derive(Debug)]
pub(crate) struct GuestClock {
    started: Instant,
    paused_nanos: AtomicU64,
    host_nanos: AtomicU64,
    /// The time in Python before this count, in nanoseconds.
    before_nanos: AtomicU64,
    /// The time in Python when an interrupt was first seen, in nanoseconds, or
    /// 0.
    interrupted_nanos: AtomicU64,
}

impl GuestClock {
    pub(crate) fn new() -> Self {
        Self {
            started: Instant::now(),
            paused_nanos: AtomicU64::new(0),
            host_nanos: AtomicU64::new(0),
            before_nanos: AtomicU64::new(0),
            interrupted_nanos: AtomicU64::new(0),
        }
    }

    /// Counts anew, from what was counted before.
    fn restart(&self, python_time: Duration, host_time: Duration) {
        let passed = nanos(self.started.elapsed());
        self.paused_nanos.store(passed, Ordering::Relaxed);
        self.host_nanos.store(nanos(host_time), Ordering::Relaxed);
        self.before_nanos
            .store(nanos(python_time), Ordering::Relaxed);
        self.interrupted_nanos.store(0, Ordering::Relaxed);
    }

    /// The time in Python.
    pub(crate) fn elapsed(&self) -> Duration {
        let paused = Duration::from_nanos(self.paused_nanos.load(Ordering::Relaxed));
        let before = Duration::from_nanos(self.before_nanos.load(Ordering::Relaxed));
        self.started.elapsed().saturating_sub(paused) + before
    }

    /// The time in Python since the first call of this after an interrupt.
    fn since_interrupt(&self) -> Duration {
        let now = nanos(self.elapsed()).max(1);
        let first =
            self.interrupted_nanos
                .compare_exchange(0, now, Ordering::Relaxed, Ordering::Relaxed);
        Duration::from_nanos(now.saturating_sub(first.err().unwrap_or(now)))
    }

    /// The time in the host.
    pub(crate) fn host_time(&self) -> Duration {
        Duration::from_nanos(self.host_nanos.load(Ordering::Relaxed))
    }

    /// Stops the clock until the guard is dropped.
    pub(crate) fn pause(self: &Arc<Self>) -> Pause {
        self.stop(false)
    }

    /// Stops the clock for work of the host until the guard is dropped.
    pub(crate) fn enter_host(self: &Arc<Self>) -> Pause {
        self.stop(true)
    }

    fn stop(self: &Arc<Self>, in_host: bool) -> Pause {
        Pause {
            clock: Arc::clone(self),
            since: Instant::now(),
            in_host,
        }
    }
}

fn nanos(duration: Duration) -> u64 {
    u64::try_from(duration.as_nanos()).unwrap_or(u64::MAX)
}

/// Keeps a [`GuestClock`] stopped.
pub(crate) struct Pause {
    clock: Arc<GuestClock>,
    since: Instant,
    in_host: bool,
}

impl Drop for Pause {
    fn drop(&mut self) {
        let nanos = nanos(self.since.elapsed());
        self.clock.paused_nanos.fetch_add(nanos, Ordering::Relaxed);
        if self.in_host {
            self.clock.host_nanos.fetch_add(nanos, Ordering::Relaxed);
        }
    }
}

//! What a run reaches and what it has used up: the state behind the imports.

use std::sync::Arc;
use std::sync::atomic::{AtomicU64, Ordering};
use std::time::{Duration, Instant};

use monty_value::graph::GraphCaps;
use wasmtime::component::{HasData, Linker};

use crate::bindings::Sandbox;
use crate::limits::{Limit, Limits};
use crate::os::{DenyAll, Os};
use crate::print::{Discard, Print};
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
/// * the [`Limits`] are their defaults.
pub struct MontyCtx {
    pub(crate) external: Arc<dyn ExternalCall>,
    pub(crate) os: Arc<dyn Os>,
    pub(crate) print: Box<dyn Print>,
    pub(crate) limits: Limits,
    pub(crate) clock: Arc<GuestClock>,
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
            clock: Arc::new(GuestClock::new()),
            calls: 0,
            output_bytes: 0,
        }
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
/// outside: the time in Python, by way of epochs, and the size of messages.
/// The time in Python counts from this call on.
///
/// The engine must have `epoch_interruption` on and something that increments
/// its epoch; each epoch, the run yields to other tasks of the executor.
pub fn limit_store<T: MontyView + 'static>(store: &mut wasmtime::Store<T>) {
    let context = store.data_mut().monty();
    context.clock.restart();
    let message_bytes = context.limits.message_bytes;
    store.set_hostcall_fuel(message_bytes);
    store.set_epoch_deadline(1);
    store.epoch_deadline_callback(|mut store| {
        let context = store.data_mut().monty();
        let elapsed = context.clock.elapsed();
        if let Some(duration) = context.limits.duration
            && elapsed > duration.saturating_add(context.limits.grace)
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
}

impl GuestClock {
    pub(crate) fn new() -> Self {
        Self {
            started: Instant::now(),
            paused_nanos: AtomicU64::new(0),
            host_nanos: AtomicU64::new(0),
        }
    }

    /// Counts from zero again.
    fn restart(&self) {
        let before = nanos(self.started.elapsed());
        self.paused_nanos.store(before, Ordering::Relaxed);
        self.host_nanos.store(0, Ordering::Relaxed);
    }

    /// The time in Python.
    pub(crate) fn elapsed(&self) -> Duration {
        let paused = Duration::from_nanos(self.paused_nanos.load(Ordering::Relaxed));
        self.started.elapsed().saturating_sub(paused)
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

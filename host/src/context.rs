//! What a run reaches and what it has used up: the state behind the imports.

use std::sync::Arc;

use monty_value::graph::{GraphCaps, MAX_DEPTH};
use wasmtime::component::{HasData, Linker};

use crate::bindings::Sandbox;
use crate::clock::{Phase, RunClock};
use crate::interrupt::{InterruptHandle, Stops};
use crate::limits::{Limit, Limits};
use crate::nesting::Slots;
use crate::os::{DenyAll, Os};
use crate::outcome::{Interrupted, Stopped};
use crate::pending::PendingCalls;
use crate::print::{Discard, Print};
use crate::statistics::{Budget, Usage};
use crate::tools::{ExternalCall, Tools};
use crate::work::Work;

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
    pub(crate) work: Arc<Work>,
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
        let limits = Limits::default();
        let stops = Stops::default();
        let clock = Arc::new(RunClock::new());
        Self {
            external: Arc::new(Tools::new()),
            os: Arc::new(DenyAll),
            print: Box::new(Discard),
            work: Arc::new(Work::new(&limits, clock, stops.clone(), Slots::default())),
            limits,
            stops,
            trace_arguments: false,
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
        GraphCaps {
            expanded_bytes: self.limits.message_bytes as u64,
            depth: MAX_DEPTH,
        }
    }

    /// Starts to count for a piece of code that has used up something before,
    /// and holds these instances.
    pub(crate) fn begin(&mut self, before: Usage, slots: Slots) {
        self.pending.cancel();
        self.calls = before.calls;
        self.output_bytes = before.output_bytes;
        let clock = Arc::clone(&self.work.clock);
        clock.restart(before.python_time, before.host_time, before.wait_time);
        self.work = Arc::new(Work::new(&self.limits, clock, self.stops.clone(), slots));
    }

    /// What the piece of code has used up.
    pub(crate) fn usage(&self) -> Usage {
        Usage {
            calls: self.calls,
            output_bytes: self.output_bytes,
            python_time: self.work.clock.python_time(),
            host_time: self.work.clock.host_time(),
            wait_time: self.work.clock.wait_time(),
        }
    }

    /// What a piece of code that is suspended may use up, and has.
    pub(crate) fn budget(&self) -> Budget {
        Budget {
            used: self.usage(),
            limits: self.limits.clone(),
        }
    }

    /// Stops the run if the interpreter does not end it in time by itself.
    pub(crate) fn check_python_time(&self) -> wasmtime::Result<()> {
        if self.stops.shut_down.is_raised() {
            return Err(Interrupted.into());
        }
        let clock = &self.work.clock;
        let grace = self.limits.grace;
        if self.stops.is_raised() && clock.since_stop() > grace {
            return Err(match self.stops.exceeded() {
                Some(stopped) => stopped.into(),
                None => Interrupted.into(),
            });
        }
        let elapsed = clock.python_time();
        match self.limits.duration {
            Some(duration) if elapsed > duration.saturating_add(grace) => Err(Stopped {
                limit: Limit::Duration,
                message: format!("time limit exceeded: {elapsed:?} > {duration:?}"),
            }
            .into()),
            _ => Ok(()),
        }
    }

    /// Stops the run if one more call at a time is too many.
    pub(crate) fn count_concurrent(&mut self) -> Result<(), Stopped> {
        match self.limits.concurrent_calls {
            Some(limit) if self.pending.open() >= limit => Err(Stopped {
                limit: Limit::ConcurrentCalls,
                message: format!(
                    "call limit exceeded: more than {} at a time",
                    calls(limit as u64)
                ),
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
                message: format!("call limit exceeded: more than {}", calls(limit)),
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

/// A number of calls, in words.
fn calls(number: u64) -> String {
    match number {
        1 => "1 call".to_owned(),
        number => format!("{number} calls"),
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
    context.begin(Usage::default(), Slots::default());
    let message_bytes = context.limits.message_bytes;
    store.set_hostcall_fuel(message_bytes);
    store.set_epoch_deadline(1);
    store.epoch_deadline_callback(|mut store| {
        let context = store.data_mut().monty();
        context.check_python_time()?;
        let work = Arc::clone(&context.work);
        let others = async move {
            let _away = work.clock.enter(Phase::Away);
            tokio::task::yield_now().await;
        };
        Ok(wasmtime::UpdateDeadline::YieldCustom(1, Box::pin(others)))
    });
}

//! The cost of a run to its host: time, waiting and memory, each with its
//! limit.
//!
//! [`Work`] is the account of one run. Code that works for the run finds it on
//! whatever thread it runs. [`check`] and [`breathe`] are for loops that a
//! script can lengthen, [`in_host`] for host work inside a tool.
//!
//! A run that exceeds a limit here is stopped like an interrupted one: its
//! clock leaps, so the interpreter ends the script when it next reads it, and a
//! session keeps its state.

use std::any::Any;
use std::cell::RefCell;
use std::future::poll_fn;
use std::panic::{AssertUnwindSafe, catch_unwind};
use std::pin::{Pin, pin};
use std::sync::Arc;
use std::sync::atomic::{AtomicU64, Ordering};
use std::task::{Context, Poll};
use std::time::{Duration, Instant};

use wasmtime_wasi::runtime::with_ambient_tokio_runtime;

use super::clock::{Phase, RunClock};
use super::stop::{Generation, Stop, Stops};
use crate::limits::{Limit, Limits};

/// How long the host works before it lets other tasks run.
const SLICE: Duration = Duration::from_millis(5);

/// The account of one run, or of one snippet of a session.
#[derive(Debug)]
pub(crate) struct Work {
    pub(crate) clock: Arc<RunClock>,
    pub(crate) stops: Stops,
    generation: Generation,
    limits: WorkLimits,
    held_bytes: AtomicU64,
    peak_bytes: AtomicU64,
    /// The host time at which it last let other tasks run, in nanoseconds.
    breathed_nanos: AtomicU64,
    /// Data that the owner of the run keeps with it.
    pub(crate) owner: Owner,
}

/// Data that the owner of a run keeps with its account.
pub(crate) type Owner = Option<Arc<dyn Any + Send + Sync>>;

#[derive(Clone, Copy, Debug)]
struct WorkLimits {
    host: Option<Duration>,
    wait: Option<Duration>,
    memory_bytes: Option<u64>,
}

/// The run must stop. The reason is in its [`Stops`].
#[derive(Clone, Copy, Debug)]
pub(crate) struct Halted;

impl Work {
    pub(crate) fn new(limits: &Limits, clock: Arc<RunClock>, stops: Stops, owner: Owner) -> Self {
        Self {
            clock,
            generation: stops.restart(),
            stops,
            limits: WorkLimits {
                host: limits.host_duration,
                wait: limits.wait_duration,
                memory_bytes: limits.host_memory_bytes,
            },
            held_bytes: AtomicU64::new(0),
            peak_bytes: AtomicU64::new(0),
            breathed_nanos: AtomicU64::new(0),
            owner,
        }
    }

    /// The peak memory of messages, calls and answers.
    pub(crate) fn peak_bytes(&self) -> u64 {
        self.peak_bytes.load(Ordering::Relaxed)
    }

    /// Whether the run may go on.
    pub(crate) fn check(&self) -> Result<(), Halted> {
        if self.stops.is_raised() {
            return Err(Halted);
        }
        match self.limits.host {
            Some(limit) if self.clock.host_time() > limit => Err(self.exceed(
                Limit::HostDuration,
                format!("host time limit exceeded: the host worked longer than {limit:?}"),
            )),
            _ => Ok(()),
        }
    }

    /// Counts host memory until the result is dropped.
    pub(crate) fn hold(self: &Arc<Self>, bytes: u64) -> Result<Held, Halted> {
        let before = self.held_bytes.fetch_add(bytes, Ordering::Relaxed);
        let held = Held {
            work: Arc::clone(self),
            bytes,
        };
        let now = before.saturating_add(bytes);
        match self.limits.memory_bytes {
            Some(limit) if now > limit => Err(self.exceed(
                Limit::HostMemory,
                format!(
                    "host memory limit exceeded: messages, calls and answers hold more than {limit} bytes"
                ),
            )),
            _ => {
                self.peak_bytes.fetch_max(now, Ordering::Relaxed);
                Ok(held)
            }
        }
    }

    /// Waits for a future until it is ready, the waiting limit is reached, or
    /// the run must stop. The time in the future's own code counts as `phase`.
    pub(crate) async fn wait<F: Future>(
        &self,
        phase: Phase,
        future: F,
    ) -> Result<F::Output, Halted> {
        let mut future = pin!(future);
        // Created only for calls that have to wait; most do not.
        let mut waiting = None;
        poll_fn(move |context| {
            {
                let _phase = self.clock.enter(phase);
                if let Poll::Ready(output) = future.as_mut().poll(context) {
                    return Poll::Ready(Ok(output));
                }
            }
            let (_waiting, halted) = waiting.get_or_insert_with(|| {
                let waiting = self.clock.enter(Phase::Waiting);
                (waiting, Box::pin(self.halted()))
            });
            halted.as_mut().poll(context).map(Err)
        })
        .await
    }

    /// Waits until the run must stop or reaches its waiting limit.
    async fn halted(&self) -> Halted {
        let Some(limit) = self.limits.wait else {
            self.stops.raised().await;
            return Halted;
        };
        let left = limit.saturating_sub(self.clock.wait_time());
        let over = with_ambient_tokio_runtime(|| tokio::time::sleep(left));
        tokio::select! {
            biased;
            () = self.stops.raised() => Halted,
            () = over => self.exceed(
                Limit::WaitDuration,
                format!("wait limit exceeded: the script waited longer than {limit:?}"),
            ),
        }
    }

    /// Whether the host has worked for a [`SLICE`] since this last returned
    /// true.
    fn is_out_of_breath(&self) -> bool {
        let now = self.clock.host_time();
        let before = Duration::from_nanos(self.breathed_nanos.load(Ordering::Relaxed));
        let is_out = now.saturating_sub(before) > SLICE;
        if is_out {
            let now = u64::try_from(now.as_nanos()).unwrap_or(u64::MAX);
            self.breathed_nanos.store(now, Ordering::Relaxed);
        }
        is_out
    }

    /// Stops the run. It ends when the interpreter next reads the clock.
    pub(crate) fn stop(&self, stop: Stop) {
        self.stops.raise(self.generation, stop);
    }

    fn exceed(&self, limit: Limit, message: String) -> Halted {
        self.stop(Stop::Limit { limit, message });
        Halted
    }

    /// Runs one import: sets [`current`] and the phase of the clock, and turns
    /// a panic in host code into the end of the run, not of the thread.
    pub(crate) async fn import<T>(
        self: &Arc<Self>,
        phase: Phase,
        import: impl Future<Output = wasmtime::Result<T>>,
    ) -> wasmtime::Result<T> {
        let result = {
            let _phase = self.clock.enter(phase);
            self.scope(Place::Run, catch(import)).await
        };
        self.back(result)
    }

    /// The result of an import, back in Python.
    fn back<T>(&self, result: Result<wasmtime::Result<T>, String>) -> wasmtime::Result<T> {
        // The leaping clock reports it, as for an interrupt. Back in Python,
        // the check of the host time reads no clock.
        let _ = self.check();
        result.unwrap_or_else(|message| Err(Stop::panicked(&message).into()))
    }

    /// The same for an import that most often has its result at once. It starts
    /// here and not when it is first polled, so that the future holds the result
    /// alone, and not what it is made from.
    pub(crate) fn import_from<T, F>(
        self: &Arc<Self>,
        phase: Phase,
        start: impl FnOnce() -> wasmtime::Result<Begun<T, F>>,
    ) -> Import<T>
    where
        F: Future<Output = T> + Send + 'static,
    {
        let begun = {
            let _phase = self.clock.enter(phase);
            let _scope = Scope::enter(Arc::clone(self), Place::Run);
            catch_unwind(AssertUnwindSafe(start)).map_err(panic_message)
        };
        let result = match begun {
            Ok(Ok(Begun::Ended(result))) => Ok(Ok(result)),
            Ok(Ok(Begun::Later(rest))) => {
                let work = Arc::clone(self);
                let rest = async move { work.import(phase, async { Ok(rest.await) }).await };
                return Import::Later(Box::pin(rest));
            }
            Ok(Err(error)) => Ok(Err(error)),
            Err(message) => Err(message),
        };
        Import::Ended(Some(self.back(result)))
    }

    /// Sets [`current`] while a future is polled.
    pub(crate) async fn scope<F: Future>(self: &Arc<Self>, place: Place, future: F) -> F::Output {
        let mut future = pin!(future);
        poll_fn(move |context| {
            let _scope = Scope::enter(Arc::clone(self), place);
            future.as_mut().poll(context)
        })
        .await
    }
}

/// An import that was begun.
pub(crate) enum Begun<T, F> {
    /// It has its result.
    Ended(T),
    /// Its result is that of a future.
    Later(F),
}

/// The future of an import that was begun.
pub(crate) enum Import<T> {
    /// It has its result, until that is taken.
    Ended(Option<wasmtime::Result<T>>),
    /// Its result is that of a future.
    Later(Pin<Box<dyn Future<Output = wasmtime::Result<T>> + Send>>),
}

impl<T: Unpin> Future for Import<T> {
    type Output = wasmtime::Result<T>;

    fn poll(mut self: Pin<&mut Self>, context: &mut Context<'_>) -> Poll<Self::Output> {
        match &mut *self {
            // Nobody polls a future after its end.
            Self::Ended(result) => result.take().map_or(Poll::Pending, Poll::Ready),
            Self::Later(rest) => rest.as_mut().poll(context),
        }
    }
}

/// Host memory held by a run.
#[derive(Debug)]
pub(crate) struct Held {
    work: Arc<Work>,
    bytes: u64,
}

impl Held {
    /// Takes over the count of another, for the same run.
    pub(crate) fn merge(&mut self, mut other: Self) {
        if Arc::ptr_eq(&self.work, &other.work) {
            self.bytes += std::mem::take(&mut other.bytes);
        }
    }
}

impl Drop for Held {
    fn drop(&mut self) {
        self.work
            .held_bytes
            .fetch_sub(self.bytes, Ordering::Relaxed);
    }
}

/// The task in which the host works for a run.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub(crate) enum Place {
    /// The task that drives the run.
    Run,
    /// A task beside it, for a pending call.
    Task,
}

thread_local! {
    static CURRENT: RefCell<Option<(Arc<Work>, Place)>> = const { RefCell::new(None) };
}

/// Makes a run's account current until it is dropped.
struct Scope(Option<(Arc<Work>, Place)>);

impl Scope {
    fn enter(work: Arc<Work>, place: Place) -> Self {
        Self(CURRENT.replace(Some((work, place))))
    }
}

impl Drop for Scope {
    fn drop(&mut self) {
        CURRENT.replace(self.0.take());
    }
}

/// The current run, if any.
pub(crate) fn current() -> Option<Arc<Work>> {
    CURRENT.with_borrow(|current| current.as_ref().map(|(work, _)| Arc::clone(work)))
}

/// Checks whether the host may go on working for a run. For loops that a script
/// can lengthen.
pub(crate) fn check() -> Result<(), Halted> {
    CURRENT.with_borrow(|current| match current {
        Some((work, _)) => work.check(),
        None => Ok(()),
    })
}

/// Checks whether the host may go on, and sometimes yields to other tasks.
pub(crate) async fn breathe() -> Result<(), Halted> {
    check()?;
    let breathes = match current() {
        Some(work) => work.is_out_of_breath(),
        // No run, no account.
        None => true,
    };
    if breathes {
        tokio::task::yield_now().await;
        check()?;
    }
    Ok(())
}

/// Counts work inside a tool as host time: binding its arguments, encoding its
/// answer.
pub(crate) fn in_host<T>(action: impl FnOnce() -> T) -> T {
    let _host = HostTime::start();
    action()
}

/// Counts the time until it is dropped as host time. It stays on its thread.
pub(crate) struct HostTime(Option<(Arc<Work>, Since)>);

/// The state of the account when host time started.
enum Since {
    /// In the task of the run: the phase before.
    Phase(Phase),
    /// In a task beside it.
    Instant(Instant),
}

impl HostTime {
    /// Starts it, for the current run if any.
    pub(crate) fn start() -> Self {
        let current = CURRENT.with_borrow(Clone::clone);
        Self(current.map(|(work, place)| {
            let since = match place {
                Place::Run => Since::Phase(work.clock.switch(Phase::Host)),
                Place::Task => Since::Instant(Instant::now()),
            };
            (work, since)
        }))
    }
}

impl Drop for HostTime {
    fn drop(&mut self) {
        match self.0.take() {
            Some((work, Since::Phase(before))) => {
                work.clock.switch(before);
            }
            Some((work, Since::Instant(since))) => work.clock.add_host_time(since.elapsed()),
            None => {}
        }
    }
}

/// Polls a future, and turns a panic in it into an error with its message.
pub(crate) async fn catch<F: Future>(future: F) -> Result<F::Output, String> {
    let mut future = pin!(future);
    poll_fn(move |context: &mut Context<'_>| {
        // State that a panic leaves inconsistent belongs to a run that ends
        // with it.
        match catch_unwind(AssertUnwindSafe(|| future.as_mut().poll(context))) {
            Ok(Poll::Ready(output)) => Poll::Ready(Ok(output)),
            Ok(Poll::Pending) => Poll::Pending,
            Err(payload) => Poll::Ready(Err(panic_message(payload))),
        }
    })
    .await
}

/// The message of a panic. Dropping its payload may panic too.
pub(crate) fn panic_message(payload: Box<dyn Any + Send>) -> String {
    let message = payload
        .downcast_ref::<&str>()
        .map(|message| (*message).to_owned())
        .or_else(|| payload.downcast_ref::<String>().cloned())
        .unwrap_or_else(|| "no message".to_owned());
    if let Err(second) = catch_unwind(AssertUnwindSafe(|| drop(payload))) {
        // Dropping it could panic a third time.
        std::mem::forget(second);
    }
    message
}

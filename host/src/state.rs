//! The store of one run, and what its end stands for.

use std::sync::Arc;
use std::sync::atomic::{AtomicU64, Ordering};

use monty_value::Decoder;
use monty_value::graph::{GraphCaps, GraphError};
use monty_value::types::CallRequest;
use rand::SeedableRng;
use rand::rngs::ChaCha20Rng;
use wasmtime::component::ResourceTable;
use wasmtime::{Engine, ResourceLimiter, Store, Trap};
use wasmtime_wasi::{HostMonotonicClock, WasiCtx, WasiCtxView, WasiView};

use crate::bindings::exports::monty::sandbox::interpreter::{self, Failure, Outcome};
use crate::clock::{Phase, RunClock};
use crate::context::{self, MontyCtx, MontyView};
use crate::error::Error;
use crate::interrupt::{INTERRUPTED, SHUT_DOWN, Stops};
use crate::limits::{Limit, UNLIMITED_NANOS};
use crate::messages::{decode_call, message_limit};
use crate::nesting::Slots;
use crate::os::Random;
use crate::outcome::{HostFailed, Interrupted, Stopped};
use crate::pending::PendingCalls;
use crate::statistics::{Statistics, Usage};
use crate::tools::Call;

/// What the store of one run holds.
pub(crate) struct RunState {
    context: MontyCtx,
    memory: MemoryLimiter,
    wasi: WasiCtx,
    table: ResourceTable,
}

/// How a piece of code ended, if nothing failed.
pub(crate) enum Ended {
    Completed(monty_value::Value),
    Suspended {
        calls: Vec<Call>,
        /// The interpreter's own snapshot.
        guest: Vec<u8>,
    },
}

impl RunState {
    /// A store for one instance, with all its limits in place. `generation`
    /// counts the instances that draw from the same seed, so that none draws
    /// what another did.
    pub(crate) fn store(
        engine: &Engine,
        context: MontyCtx,
        random: Random,
        generation: u64,
    ) -> Store<Self> {
        let mut store = Store::new(engine, Self::new(context, random, generation));
        store.limiter(|state| &mut state.memory);
        context::limit_store_keeping_interrupt(&mut store);
        store
    }

    fn new(context: MontyCtx, random: Random, generation: u64) -> Self {
        let mut wasi = WasiCtx::builder();
        wasi.monotonic_clock(PythonTime {
            clock: Arc::clone(&context.work.clock),
            stops: context.stops.clone(),
            leaps: AtomicU64::new(0),
        });
        if let Random::Seeded(seed) = random {
            // The interpreter also draws the identities of a script's objects.
            let mut generator = ChaCha20Rng::seed_from_u64(seed);
            generator.set_stream(generation);
            wasi.secure_random(generator)
                .insecure_random_seed(seed.into());
        }
        let wasi = wasi.build();
        Self {
            memory: MemoryLimiter::new(context.limits.linear_memory_bytes()),
            context,
            wasi,
            table: ResourceTable::new(),
        }
    }

    /// Starts to count for another piece of code in the same instance.
    pub(crate) fn begin(&mut self, before: Usage, slots: Slots) {
        self.context.begin(before, slots);
        self.memory.limit = self.context.limits.linear_memory_bytes();
        self.memory.refused = false;
    }

    pub(crate) fn context(&mut self) -> &mut MontyCtx {
        &mut self.context
    }

    /// The context, for another instance: what this one held of it is gone.
    pub(crate) fn into_context(mut self) -> MontyCtx {
        self.context.pending = PendingCalls::default();
        self.context
    }

    pub(crate) fn statistics(&self) -> Statistics {
        let used = self.context.usage();
        Statistics {
            python_time: used.python_time,
            host_time: used.host_time,
            wait_time: used.wait_time,
            calls: used.calls,
            peak_memory_bytes: self.memory.peak,
            peak_host_memory_bytes: self.context.work.peak_bytes(),
            output_bytes: used.output_bytes,
        }
    }

    pub(crate) fn outcome(
        &self,
        result: wasmtime::Result<Result<Outcome, Failure>>,
    ) -> Result<Ended, Error> {
        let work = &self.context.work;
        let ended = match result {
            Ok(Ok(outcome)) => {
                let _host = work.clock.enter(Phase::Host);
                self.ended(outcome)
            }
            Ok(Err(failure)) if self.context.stops.is_raised() && is_interrupt(&failure) => {
                Err(self.interrupted())
            }
            Ok(Err(failure)) => Err(failed(failure)),
            Err(error) => return Err(self.stopped(error)),
        };
        // What the end of it cost counts too.
        let _ = work.check();
        match (work.stops.exceeded(), ended) {
            (Some(Stopped { limit, message }), _) => {
                Err(Error::limit_exceeded(limit, message, None))
            }
            (None, ended) => ended,
        }
    }

    fn ended(&self, outcome: Outcome) -> Result<Ended, Error> {
        let caps = self.context.caps();
        let refused = |error| {
            let Stopped { limit, message } = message_limit(&error, caps);
            Error::limit_exceeded(limit, message, None)
        };
        let (ended, bytes) = match outcome {
            Outcome::Completed(message) => {
                let mut decoder = Decoder::new(message.graph.as_ref(), caps).map_err(refused)?;
                let value = decoder.value(&message.root).map_err(refused)?;
                (Ended::Completed(value), decoder.taken_bytes())
            }
            Outcome::Suspended(suspension) => {
                let calls = decode_calls(suspension.calls, caps).map_err(refused)?;
                let guest = suspension.snapshot;
                let bytes = calls.iter().map(|call| call.bytes).sum::<u64>();
                let bytes = bytes.saturating_add(guest.len() as u64);
                (Ended::Suspended { calls, guest }, bytes)
            }
        };
        // Noted as held at a time; from here on it is the embedder's. One that
        // is too much is told by the stops.
        drop(self.context.work.hold(bytes));
        Ok(ended)
    }

    fn interrupted(&self) -> Error {
        Error::interrupted(if self.context.stops.shut_down.is_raised() {
            SHUT_DOWN
        } else {
            INTERRUPTED
        })
    }

    /// Tells what a trap stands for.
    pub(crate) fn stopped(&self, error: wasmtime::Error) -> Error {
        let error = match error.downcast::<HostFailed>() {
            Ok(failed) => return Error::host(failed.message, failed.source),
            Err(error) => error,
        };
        let limits = &self.context.limits;
        if let Some(stopped) = error.downcast_ref::<Stopped>() {
            return Error::limit_exceeded(stopped.limit, stopped.message.clone(), None);
        }
        if error.downcast_ref::<Interrupted>().is_some() {
            return self.interrupted();
        }
        let memory = || {
            let limit = limits.memory_bytes.unwrap_or(u64::from(u32::MAX));
            Error::limit_exceeded(
                Limit::Memory,
                format!("memory limit exceeded: more than {limit} bytes"),
                None,
            )
        };
        match error.downcast_ref::<Trap>() {
            _ if self.memory.refused => memory(),
            Some(Trap::StackOverflow) => Error::limit_exceeded(
                Limit::Recursion,
                "recursion limit exceeded: the native stack is used up",
                None,
            ),
            _ if is_hostcall_fuel(&error) => Error::limit_exceeded(
                Limit::Message,
                format!(
                    "message limit exceeded: more than {} bytes in one message",
                    limits.message_bytes
                ),
                None,
            ),
            _ => Error::sandbox(format!("the interpreter failed: {error:#}"), Some(error)),
        }
    }
}

/// wasmtime has no type for this error, so it is told by its text; a test holds
/// the two together.
fn is_hostcall_fuel(error: &wasmtime::Error) -> bool {
    error
        .chain()
        .any(|cause| cause.to_string().contains("fuel allocated for hostcalls"))
}

/// How an interrupt shows: the interpreter believes that its time is up, or
/// the call that it waited for raised.
fn is_interrupt(failure: &Failure) -> bool {
    match failure {
        Failure::LimitExceeded(exceeded) => exceeded.limit == interpreter::Limit::Duration,
        Failure::Raised(report) => report.exception.type_name == "KeyboardInterrupt",
        _ => false,
    }
}

/// The calls that a script waits for, which are one message.
pub(crate) fn decode_calls(
    requests: Vec<CallRequest>,
    caps: GraphCaps,
) -> Result<Vec<Call>, GraphError> {
    let mut left = caps;
    let mut calls = Vec::with_capacity(requests.len());
    for request in requests {
        let call = decode_call(request, left)?;
        left.expanded_bytes = left.expanded_bytes.saturating_sub(call.bytes);
        calls.push(call);
    }
    Ok(calls)
}

pub(crate) fn failed(failure: Failure) -> Error {
    match failure {
        Failure::Raised(report) => Error::script(report),
        Failure::InvalidSource(report) => Error::invalid_source(report),
        Failure::LimitExceeded(exceeded) => {
            let limit = match exceeded.limit {
                interpreter::Limit::Duration => Limit::Duration,
                interpreter::Limit::Memory => Limit::Memory,
                interpreter::Limit::Recursion => Limit::Recursion,
            };
            let message = exceeded
                .report
                .exception
                .message
                .clone()
                .unwrap_or_default();
            Error::limit_exceeded(limit, message, Some(exceeded.report))
        }
        Failure::InvalidRequest(message) => Error::request(message),
        Failure::InvalidSnapshot(message) => {
            Error::request(format_args!("the snapshot: {message}"))
        }
        Failure::Other(message) => Error::sandbox(message, None),
    }
}

impl MontyView for RunState {
    fn monty(&mut self) -> &mut MontyCtx {
        &mut self.context
    }
}

impl WasiView for RunState {
    fn ctx(&mut self) -> WasiCtxView<'_> {
        WasiCtxView {
            ctx: &mut self.wasi,
            table: &mut self.table,
        }
    }
}

/// The component's monotonic clock, which shows the time in Python. When the
/// run is to stop, it leaps at each reading, so that whatever the interpreter
/// measures is beyond every limit: that ends the script as a limit would, and
/// leaves a session whole.
struct PythonTime {
    clock: Arc<RunClock>,
    stops: Stops,
    leaps: AtomicU64,
}

/// Two years, in nanoseconds: more than any limit.
const LEAP_NANOS: u64 = 2 * UNLIMITED_NANOS;

impl HostMonotonicClock for PythonTime {
    fn resolution(&self) -> u64 {
        1
    }

    fn now(&self) -> u64 {
        if self.stops.is_raised() {
            let leaps = self.leaps.fetch_add(1, Ordering::Relaxed);
            return LEAP_NANOS.saturating_mul(leaps.saturating_add(1));
        }
        self.leaps.store(0, Ordering::Relaxed);
        u64::try_from(self.clock.python_time().as_nanos()).unwrap_or(u64::MAX)
    }
}

/// The most that a table of the component holds: its functions, which are
/// some 4,000.
pub(crate) const TABLE_ELEMENTS: usize = 20_000;

/// Limits the linear memory of a run, and remembers that it did.
struct MemoryLimiter {
    limit: usize,
    peak: usize,
    refused: bool,
}

impl MemoryLimiter {
    fn new(limit: usize) -> Self {
        Self {
            limit,
            peak: 0,
            refused: false,
        }
    }
}

impl ResourceLimiter for MemoryLimiter {
    fn memory_growing(
        &mut self,
        _current: usize,
        desired: usize,
        _maximum: Option<usize>,
    ) -> wasmtime::Result<bool> {
        let allowed = desired <= self.limit;
        if allowed {
            self.peak = self.peak.max(desired);
        } else {
            self.refused = true;
        }
        Ok(allowed)
    }

    fn table_growing(
        &mut self,
        _current: usize,
        desired: usize,
        _maximum: Option<usize>,
    ) -> wasmtime::Result<bool> {
        Ok(desired <= TABLE_ELEMENTS)
    }
}

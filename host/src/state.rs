//! The store of one run, and what its end stands for.

use std::sync::Arc;

use monty_value::Decoder;
use rand::SeedableRng;
use rand::rngs::ChaCha20Rng;
use wasmtime::component::ResourceTable;
use wasmtime::{Engine, ResourceLimiter, Store, Trap};
use wasmtime_wasi::{HostMonotonicClock, WasiCtx, WasiCtxView, WasiView};

use crate::bindings::exports::monty::sandbox::interpreter::{self, Failure};
use crate::context::{self, GuestClock, MontyCtx, MontyView, Stopped};
use crate::error::Error;
use crate::imports::message_limit;
use crate::limits::Limit;
use crate::os::Random;
use crate::statistics::Statistics;

/// What the store of one run holds.
pub(crate) struct RunState {
    context: MontyCtx,
    memory: MemoryLimiter,
    wasi: WasiCtx,
    table: ResourceTable,
}

impl RunState {
    /// A store for one run, with all its limits in place.
    pub(crate) fn store(engine: &Engine, context: MontyCtx, random: Random) -> Store<Self> {
        let mut store = Store::new(engine, Self::new(context, random));
        store.limiter(|state| &mut state.memory);
        context::limit_store(&mut store);
        store
    }

    fn new(context: MontyCtx, random: Random) -> Self {
        let mut wasi = WasiCtx::builder();
        wasi.monotonic_clock(PythonTime(Arc::clone(&context.clock)));
        if let Random::Seeded(seed) = random {
            // The interpreter also draws the identities of a script's objects.
            wasi.secure_random(ChaCha20Rng::seed_from_u64(seed))
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

    pub(crate) fn statistics(&self) -> Statistics {
        Statistics {
            python_time: self.context.clock.elapsed(),
            host_time: self.context.clock.host_time(),
            calls: self.context.calls,
            peak_memory_bytes: self.memory.peak,
            output_bytes: self.context.output_bytes,
        }
    }

    pub(crate) fn outcome(
        &self,
        result: wasmtime::Result<Result<monty_value::types::Value, Failure>>,
    ) -> Result<monty_value::Value, Error> {
        match result {
            Ok(Ok(message)) => {
                let decoded = Decoder::new(message.graph.as_ref(), self.context.caps())
                    .and_then(|decoder| decoder.value(&message.root));
                decoded.map_err(|error| {
                    let stopped = message_limit(error);
                    Error::limit_exceeded(stopped.limit, stopped.message, None)
                })
            }
            Ok(Err(failure)) => Err(failed(failure)),
            Err(error) => Err(self.stopped(error)),
        }
    }

    /// Tells what a trap stands for.
    fn stopped(&self, error: wasmtime::Error) -> Error {
        let limits = &self.context.limits;
        if let Some(stopped) = error.downcast_ref::<Stopped>() {
            return Error::limit_exceeded(stopped.limit, stopped.message.clone(), None);
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

fn failed(failure: Failure) -> Error {
    match failure {
        Failure::Raised(exception) => Error::script(exception),
        Failure::InvalidSource(exception) => Error::invalid_source(exception),
        Failure::LimitExceeded(exceeded) => {
            let limit = match exceeded.limit {
                interpreter::Limit::Duration => Limit::Duration,
                interpreter::Limit::Memory => Limit::Memory,
                interpreter::Limit::Recursion => Limit::Recursion,
            };
            let message = exceeded.exception.message.clone().unwrap_or_default();
            Error::limit_exceeded(limit, message, Some(exceeded.exception))
        }
        Failure::InvalidRequest(message) => Error::request(message),
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

/// The component's monotonic clock, which shows the time in Python.
struct PythonTime(Arc<GuestClock>);

impl HostMonotonicClock for PythonTime {
    fn resolution(&self) -> u64 {
        1
    }

    fn now(&self) -> u64 {
        u64::try_from(self.0.elapsed().as_nanos()).unwrap_or(u64::MAX)
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

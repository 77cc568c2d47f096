//! The interpreter, compiled and ready to be instantiated.

use std::borrow::Cow;
use std::collections::VecDeque;
use std::path::Path;
use std::sync::atomic::{AtomicUsize, Ordering};
use std::sync::{Arc, Mutex, MutexGuard, PoisonError, Weak};
use std::time::Duration;

use monty_value::types::SettledCall;
use sha2::{Digest, Sha256};
use tokio::sync::{OwnedSemaphorePermit, Semaphore, TryAcquireError};
use wasmtime::component::{Component, ComponentExportIndex, Instance, Linker, TypedFunc};
use wasmtime::{
    AsContextMut, Cache, Config, Enabled, Engine, InstanceAllocationStrategy,
    ModuleVersionStrategy, PoolingAllocationConfig,
};

use crate::bindings::SandboxPre;
use crate::bindings::exports::monty::sandbox::interpreter::{Failure, Options, Outcome};
use crate::context;
use crate::error::Error;
use crate::interrupt::{Flag, INTERRUPTED, InterruptHandle, SHUT_DOWN};
use crate::nesting::{self, Blocked, Slots};
use crate::session::Rest;
use crate::state::{RunState, TABLE_ELEMENTS};

/// The component that this crate embeds: Monty with the imports of
/// [`WIT`](crate::WIT).
pub static COMPONENT: &[u8] = include_bytes!("../component/monty.wasm");

/// Its SHA-256 as `sha256sum` prints it, so that nobody computes it at start.
const COMPONENT_HASH: &str = include_str!("../component/monty.wasm.sha256");

/// How often a running script looks whether its time is over and lets other
/// tasks of the executor run.
const EPOCH: Duration = Duration::from_millis(10);

/// The native stack of a script's WebAssembly frames.
const WASM_STACK_BYTES: usize = 2 << 20;

/// The Monty interpreter, compiled and ready.
///
/// Making one takes seconds where the component has never been compiled, and
/// milliseconds from then on: the compiled code is kept in wasmtime's cache.
/// Clones share it. One is enough for a process.
///
/// ```
/// # tokio::runtime::Builder::new_current_thread().build()?.block_on(async {
/// let monty = monty_host::Monty::new()?;
/// let report = monty.script("sum(range(n))").input("n", 5)?.run().await?;
/// assert_eq!(report.value.as_i64(), Some(10));
/// # Ok::<_, monty_host::Error>(()) })?;
/// # Ok::<_, Box<dyn std::error::Error>>(())
/// ```
#[derive(Clone)]
pub struct Monty(Arc<Shared>);

struct Shared {
    engine: Engine,
    sandbox: SandboxPre<RunState>,
    exports: Exports,
    slots: Arc<Semaphore>,
    instances: usize,
    blocked: Arc<Blocked>,
    when_full: WhenFull,
    waiting: AtomicUsize,
    /// Idle sessions that have an instance, the one used longest ago first.
    resting: Mutex<VecDeque<Weak<Rest>>>,
    shut_down: Arc<Flag>,
}

/// The exports that a script needs. An instance of the generated `Sandbox`
/// compares the types of every export, which takes longer than a short script.
pub(crate) struct Exports {
    run: ComponentExportIndex,
    resume: ComponentExportIndex,
}

impl Exports {
    fn new(component: &Component) -> Option<Self> {
        let interface = "monty:sandbox/interpreter@0.2.0";
        let interface = component.get_export_index(None, interface)?;
        let export = |name| component.get_export_index(Some(&interface), name);
        Some(Self {
            run: export("run")?,
            resume: export("resume")?,
        })
    }

    /// `interpreter.run`.
    pub(crate) fn run<'a>(
        &self,
        store: impl AsContextMut,
        instance: &Instance,
    ) -> wasmtime::Result<Run<'a>> {
        instance.get_typed_func(store, self.run)
    }

    /// `interpreter.resume`.
    pub(crate) fn resume<'a>(
        &self,
        store: impl AsContextMut,
        instance: &Instance,
    ) -> wasmtime::Result<Resume<'a>> {
        instance.get_typed_func(store, self.resume)
    }
}

type Run<'a> = TypedFunc<(&'a str, &'a Options), (Ended,)>;
type Resume<'a> = TypedFunc<(&'a [u8], &'a [SettledCall]), (Ended,)>;

/// How an export that runs Python returns.
type Ended = Result<Outcome, Failure>;

/// What happens to a run when all instances are in use.
#[derive(Clone, Copy, Debug, Default, PartialEq, Eq)]
#[non_exhaustive]
pub enum WhenFull {
    /// It waits for one.
    #[default]
    Wait,
    /// It ends as an error of kind [`Busy`](crate::ErrorKind::Busy).
    Refuse,
}

impl std::fmt::Debug for Monty {
    fn fmt(&self, formatter: &mut std::fmt::Formatter<'_>) -> std::fmt::Result {
        formatter
            .debug_struct("Monty")
            .field("free_slots", &self.0.slots.available_permits())
            .finish_non_exhaustive()
    }
}

/// How a [`Monty`] is made.
///
/// By default:
///
/// * the embedded [`COMPONENT`] is compiled for this machine, or taken from
///   wasmtime's cache;
/// * 100 scripts run at a time, and further runs wait for one to end.
///
/// A session that is idle gives its instance up when another run needs it, and
/// gets a new one with its next piece of code.
#[derive(Clone, Debug)]
pub struct MontyBuilder {
    component: Cow<'static, [u8]>,
    concurrent_runs: u32,
    when_full: WhenFull,
    cache: bool,
}

impl Default for MontyBuilder {
    fn default() -> Self {
        Self {
            component: Cow::Borrowed(COMPONENT),
            concurrent_runs: 100,
            when_full: WhenFull::default(),
            cache: true,
        }
    }
}

impl MontyBuilder {
    /// Another build of the component, or another component of the same world:
    /// its bytes, not compiled.
    #[must_use]
    pub fn component(mut self, component: impl Into<Vec<u8>>) -> Self {
        self.component = Cow::Owned(component.into());
        self
    }

    /// How many scripts run at a time, counting sessions that are not idle. Each
    /// reserves some 4 GiB of address space, not memory.
    #[must_use]
    pub fn concurrent_runs(mut self, runs: u32) -> Self {
        self.concurrent_runs = runs.max(1);
        self
    }

    /// What happens to a run when as many scripts run as may at a time.
    #[must_use]
    pub fn when_full(mut self, when_full: WhenFull) -> Self {
        self.when_full = when_full;
        self
    }

    /// Whether compiled code is kept in wasmtime's cache on disk.
    #[must_use]
    pub fn cache(mut self, cache: bool) -> Self {
        self.cache = cache;
        self
    }

    /// Compiles the component, or takes it from the cache.
    ///
    /// # Errors
    ///
    /// If the machine or its settings are not ones that wasmtime runs on, or
    /// the component is none.
    pub fn build(&self) -> Result<Monty, Error> {
        let engine = self.engine()?;
        let component = Component::new(&engine, &self.component).map_err(not_compiled)?;
        self.link(engine, &component)
    }

    /// Loads a component that [`compile`](Self::compile) wrote.
    ///
    /// # Errors
    ///
    /// If the file cannot be read, or was written by another version of this
    /// crate, for another machine, or is not a compiled component.
    ///
    /// # Safety
    ///
    /// The file is machine code that runs outside the sandbox: it must come
    /// from [`compile`](Self::compile), and nobody else may be able to write
    /// to it. What is checked guards against mistakes, not against an
    /// attacker.
    pub unsafe fn build_precompiled(&self, path: impl AsRef<Path>) -> Result<Monty, Error> {
        let path = path.as_ref();
        let engine = self.engine()?;
        let shown = path.display();
        if let Err(error) = std::fs::File::open(path) {
            return Err(Error::request(format_args!("cannot read {shown}: {error}")));
        }
        let detected = Engine::detect_precompiled_file(path);
        if !matches!(detected, Ok(Some(wasmtime::Precompiled::Component))) {
            return Err(Error::request(format_args!(
                "{shown} is not a compiled component; write one with `monty-host compile`"
            )));
        }
        // SAFETY: the caller vouches for the file.
        let component = unsafe { Component::deserialize_file(&engine, path) }.map_err(|error| {
            Error::request(format_args!(
                "{shown} was compiled by another version of monty-host or for another machine: {error:#}; write it again with `monty-host compile`"
            ))
        })?;
        self.link(engine, &component)
    }

    /// Compiles the component for [`build_precompiled`].
    ///
    /// # Errors
    ///
    /// If the machine or its settings are not ones that wasmtime runs on.
    ///
    /// [`build_precompiled`]: Self::build_precompiled
    pub fn compile(&self) -> Result<Vec<u8>, Error> {
        self.engine()?
            .precompile_component(&self.component)
            .map_err(not_compiled)
    }

    fn engine(&self) -> Result<Engine, Error> {
        let mut config = config_for(&self.component)
            .map_err(|error| Error::sandbox("the engine's settings are refused", Some(error)))?;
        if self.cache {
            // A machine without a cache directory compiles each time.
            config.cache(Cache::from_file(None).ok());
        }
        config.allocation_strategy(self.pool());
        // A process with little address space has no room for the pool.
        Engine::new(&config)
            .or_else(|_| {
                config.allocation_strategy(InstanceAllocationStrategy::OnDemand);
                Engine::new(&config)
            })
            .map_err(|error| Error::sandbox("the engine cannot start", Some(error)))
    }

    fn pool(&self) -> PoolingAllocationConfig {
        let mut pool = PoolingAllocationConfig::new();
        pool.total_component_instances(self.concurrent_runs)
            .total_core_instances(self.concurrent_runs.saturating_mul(CORE_INSTANCES))
            .total_memories(self.concurrent_runs)
            .total_tables(self.concurrent_runs.saturating_mul(TABLES))
            .total_stacks(self.concurrent_runs)
            .max_core_instances_per_component(CORE_INSTANCES)
            .max_tables_per_component(TABLES)
            .max_memories_per_component(1)
            .table_elements(TABLE_ELEMENTS)
            .max_memory_size(1 << 32)
            // Pages that a run is likely to dirty again are kept, and cleared
            // instead of unmapped. Where the kernel tells which pages were
            // written (Linux 6.7), a run that touches little costs a quarter.
            .pagemap_scan(Enabled::Auto)
            .linear_memory_keep_resident(1 << 20)
            .table_keep_resident(64 << 10)
            .async_stack_keep_resident(64 << 10);
        pool
    }

    fn link(&self, engine: Engine, component: &Component) -> Result<Monty, Error> {
        let mut linker = Linker::<RunState>::new(&engine);
        let does_not_link = |error| Error::sandbox("the interpreter does not link", error);
        let sandbox = wasmtime_wasi::p2::add_to_linker_async(&mut linker)
            .and_then(|()| context::add_to_linker(&mut linker))
            .and_then(|()| linker.instantiate_pre(component))
            .and_then(SandboxPre::new)
            .map_err(|error| does_not_link(Some(error)))?;
        let exports = Exports::new(component).ok_or_else(|| does_not_link(None))?;
        tick(&engine)?;
        Ok(Monty(Arc::new(Shared {
            engine,
            sandbox,
            exports,
            slots: Arc::new(Semaphore::new(self.concurrent_runs as usize)),
            instances: self.concurrent_runs as usize,
            blocked: Arc::default(),
            when_full: self.when_full,
            waiting: AtomicUsize::new(0),
            resting: Mutex::default(),
            shut_down: Arc::default(),
        })))
    }
}

/// Core instances in the component: the interpreter and what adapts it.
const CORE_INSTANCES: u32 = 8;
/// Tables in the component.
const TABLES: u32 = 8;

impl Monty {
    /// The interpreter with the defaults of [`MontyBuilder`].
    ///
    /// # Errors
    ///
    /// If the machine or its settings are not ones that wasmtime runs on.
    pub fn new() -> Result<Self, Error> {
        Self::builder().build()
    }

    /// Settings to make one with.
    pub fn builder() -> MontyBuilder {
        MontyBuilder::default()
    }

    pub(crate) fn engine(&self) -> &Engine {
        &self.0.engine
    }

    pub(crate) fn sandbox(&self) -> &SandboxPre<RunState> {
        &self.0.sandbox
    }

    pub(crate) fn exports(&self) -> &Exports {
        &self.0.exports
    }

    /// Ends every run that is under way, as an error of kind
    /// [`Interrupted`](crate::ErrorKind::Interrupted), and lets none begin.
    pub fn shut_down(&self) {
        self.0.shut_down.raise();
        self.0.slots.close();
    }

    pub(crate) fn shut_down_flag(&self) -> Arc<Flag> {
        Arc::clone(&self.0.shut_down)
    }

    /// Whether anything may begin.
    pub(crate) fn check_open(&self) -> Result<(), Error> {
        if self.0.shut_down.is_raised() {
            return Err(Error::interrupted(SHUT_DOWN));
        }
        Ok(())
    }

    /// The right to one instance.
    pub(crate) async fn slot(
        &self,
        interrupt: &InterruptHandle,
    ) -> Result<OwnedSemaphorePermit, Error> {
        tokio::select! {
            biased;
            () = interrupt.raised() => Err(Error::interrupted(INTERRUPTED)),
            slot = self.free_slot() => slot,
        }
    }

    async fn free_slot(&self) -> Result<OwnedSemaphorePermit, Error> {
        let shared = &self.0;
        let closed = || Error::interrupted(SHUT_DOWN);
        // Before the look at who is idle: whoever becomes idle after it sees
        // that somebody waits.
        let _waiting = Waiting::new(&shared.waiting);
        loop {
            match Arc::clone(&shared.slots).try_acquire_owned() {
                Ok(slot) => return Ok(slot),
                Err(TryAcquireError::Closed) => return Err(closed()),
                Err(TryAcquireError::NoPermits) => {}
            }
            // An idle session gives up its instance.
            match self.longest_idle() {
                Some(rest) => rest.park().await,
                None => break,
            }
        }
        if shared.when_full == WhenFull::Refuse {
            return Err(Error::busy(
                "as many scripts run as may at a time; see `MontyBuilder::concurrent_runs`",
            ));
        }
        let Some(_nested) = nesting::Waiting::begin(&shared.blocked, shared.instances) else {
            return Err(Error::busy(format!(
                "a tool waits for a run of its own, but all instances ({}) are held by runs that wait like this; raise `MontyBuilder::concurrent_runs`, or give the runs inside tools an interpreter of their own",
                shared.instances
            )));
        };
        Arc::clone(&shared.slots)
            .acquire_owned()
            .await
            .map_err(|_| closed())
    }

    /// The instances that a run which begins here holds, with those of the runs
    /// around it.
    pub(crate) fn slots(&self) -> Slots {
        Slots::with_one_of(&self.0.blocked)
    }

    /// Whether somebody waits for an instance.
    pub(crate) fn is_wanted(&self) -> bool {
        self.0.waiting.load(Ordering::Relaxed) > 0
    }

    /// Notes that a session is idle and keeps its instance.
    pub(crate) fn rest(&self, rest: &Arc<Rest>) {
        let mut resting = self.resting();
        resting.retain(|other| {
            other.strong_count() > 0 && !std::ptr::eq(other.as_ptr(), Arc::as_ptr(rest))
        });
        resting.push_back(Arc::downgrade(rest));
    }

    fn longest_idle(&self) -> Option<Arc<Rest>> {
        let mut resting = self.resting();
        std::iter::from_fn(|| resting.pop_front()).find_map(|rest| rest.upgrade())
    }

    fn resting(&self) -> MutexGuard<'_, VecDeque<Weak<Rest>>> {
        self.0
            .resting
            .lock()
            .unwrap_or_else(PoisonError::into_inner)
    }
}

/// Counts one that waits, for as long as it does.
struct Waiting<'a>(&'a AtomicUsize);

impl<'a> Waiting<'a> {
    fn new(waiting: &'a AtomicUsize) -> Self {
        waiting.fetch_add(1, Ordering::Relaxed);
        Self(waiting)
    }
}

impl Drop for Waiting<'_> {
    fn drop(&mut self) {
        self.0.fetch_sub(1, Ordering::Relaxed);
    }
}

/// wasmtime's settings for the component, for hosts that own their engine.
///
/// # Errors
///
/// If wasmtime refuses one of them.
pub fn engine_config() -> wasmtime::Result<Config> {
    config_for(COMPONENT)
}

/// Compiled code is good for one version of this crate and of wasmtime, and
/// for one component.
fn config_for(component: &[u8]) -> wasmtime::Result<Config> {
    let hash = if std::ptr::eq(component, COMPONENT) {
        COMPONENT_HASH.get(..64).unwrap_or_default().to_owned()
    } else {
        format!("{:x}", Sha256::digest(component))
    };
    let version = format!(
        "wasmtime {}, monty-host {}, component {hash}",
        ModuleVersionStrategy::WasmtimeVersion.as_str(),
        env!("CARGO_PKG_VERSION"),
    );
    let mut config = Config::new();
    config
        .epoch_interruption(true)
        .max_wasm_stack(WASM_STACK_BYTES)
        .async_stack_size(WASM_STACK_BYTES + (1 << 20))
        // A trap is told by its code; the component has no names to show.
        .wasm_backtrace_max_frames(None)
        .module_version(ModuleVersionStrategy::Custom(version))?;
    Ok(config)
}

fn not_compiled(error: wasmtime::Error) -> Error {
    Error::sandbox(
        format!("the interpreter does not compile: {error:#}"),
        Some(error),
    )
}

/// Increments the engine's epoch for as long as the engine lives.
fn tick(engine: &Engine) -> Result<(), Error> {
    let engine = engine.weak();
    std::thread::Builder::new()
        .name("monty-epoch".to_owned())
        .spawn(move || {
            while let Some(engine) = engine.upgrade() {
                engine.increment_epoch();
                drop(engine);
                std::thread::sleep(EPOCH);
            }
        })
        .map(drop)
        .map_err(|error| Error::sandbox(format!("cannot start a thread: {error}"), None))
}

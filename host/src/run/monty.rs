//! The interpreter, compiled and ready to instantiate.

use std::path::Path;
#[cfg(feature = "cache")]
use std::path::PathBuf;
use std::sync::{Arc, OnceLock};

use tokio::runtime::Handle;
use wasmtime::component::{Component, Linker};
use wasmtime::{Enabled, Engine, PoolingAllocationConfig, Store};

use super::blocking::block_on;
use super::pool::{Pool, Slot, WhenFull};
use super::ready::{Instance, Maker, Ready};
use super::snapshot::Snapshot;
use super::store::RunState;
use crate::account::stop::{Flag, Stop, Stops};
use crate::check::{Check, Checker, CheckerOf};
use crate::completeness::Completeness;
use crate::component::Source;
#[cfg(feature = "cache")]
use crate::embed::CodeCache;
use crate::embed::{
    self, CodeSource, InterpreterPre, MontyCtx, MontyView, TABLE_ELEMENTS, config_for, engine_with,
    increment_epochs,
};
use crate::error::Error;
use crate::feature_set::FeatureSet;
use crate::limits::Limits;
use crate::os::Randomness;
use crate::tools::Call;

/// The Monty interpreter, compiled and ready to use.
///
/// Creating one takes seconds if this user never compiled the component on this
/// machine, and milliseconds afterwards: the compiled code is kept on disk
/// ([`CodeCache`](embed::CodeCache)).
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
    ready: Ready,
    pool: Pool,
    shut_down: Arc<Flag>,
    code_source: CodeSource,
    checker: OnceLock<Checker>,
}

impl std::fmt::Debug for Monty {
    fn fmt(&self, formatter: &mut std::fmt::Formatter<'_>) -> std::fmt::Result {
        formatter
            .debug_struct("Monty")
            .field("free_slots", &self.0.pool.free_slots())
            .finish_non_exhaustive()
    }
}

/// Settings for a [`Monty`].
///
/// By default:
///
/// * the embedded component is compiled for this machine and kept on disk, or
///   loaded from there;
/// * 100 scripts run at a time, and further runs wait for one to end;
/// * 8 instances are made ready in advance.
///
/// An idle session gives up its instance when another run needs it, and gets a
/// new one with its next snippet.
///
/// ```no_run
/// use monty_host::{Monty, WhenFull};
///
/// let monty = Monty::builder()
///     .concurrent_runs(16)
///     .when_full(WhenFull::Refuse)
///     .build()?;
/// # Ok::<_, monty_host::Error>(())
/// ```
#[derive(Clone)]
pub struct MontyBuilder {
    /// Replaces the embedded component.
    component: Option<Arc<[u8]>>,
    concurrent_runs: u32,
    ready_instances: u32,
    when_full: WhenFull,
    checker: Option<Checker>,
    #[cfg(feature = "cache")]
    cache: Option<CodeCache>,
    #[cfg(feature = "compile")]
    on_compile: Arc<dyn Fn() + Send + Sync>,
}

impl std::fmt::Debug for MontyBuilder {
    fn fmt(&self, formatter: &mut std::fmt::Formatter<'_>) -> std::fmt::Result {
        let mut shown = formatter.debug_struct("MontyBuilder");
        shown
            .field("concurrent_runs", &self.concurrent_runs)
            .field("when_full", &self.when_full);
        #[cfg(feature = "cache")]
        shown.field("cache", &self.cache);
        shown.finish_non_exhaustive()
    }
}

impl Default for MontyBuilder {
    fn default() -> Self {
        Self {
            component: None,
            concurrent_runs: 100,
            ready_instances: 8,
            when_full: WhenFull::default(),
            checker: None,
            #[cfg(feature = "cache")]
            cache: Some(CodeCache::of_user()),
            #[cfg(feature = "compile")]
            on_compile: Arc::new(|| ()),
        }
    }
}

impl MontyBuilder {
    /// Uses another build of the component, or another component of the same
    /// world: its bytes, not compiled.
    /// [`build_precompiled`](Self::build_precompiled) then takes code compiled
    /// from them.
    #[must_use]
    pub fn component(mut self, component: impl Into<Vec<u8>>) -> Self {
        self.component = Some(component.into().into());
        self
    }

    /// The number of concurrent scripts, counting busy sessions. Each reserves
    /// some 4 GiB of address space, not memory.
    #[must_use]
    pub fn concurrent_runs(mut self, runs: u32) -> Self {
        self.concurrent_runs = runs.max(1);
        self
    }

    /// The number of instances made ready in advance. A thread that starts with
    /// the first run makes them, and cleans up after runs, so that a small run
    /// waits for neither. Each that is ready takes some memory, up to 1 MB, and as
    /// many again may wait to be cleaned up, with at most 16 MiB each.
    ///
    /// With 0, each run makes its instance and cleans it up itself. So do runs
    /// that find none ready, and runs with [`Randomness::Seeded`] make their own.
    #[must_use]
    pub fn ready_instances(mut self, instances: u32) -> Self {
        self.ready_instances = instances;
        self
    }

    /// What happens to a run when all instances are in use.
    #[must_use]
    pub fn when_full(mut self, when_full: WhenFull) -> Self {
        self.when_full = when_full;
        self
    }

    /// The type checker of [`Monty::check`] and of scripts that are
    /// [checked](crate::Script::checked). Without one, the embedded checker is
    /// compiled for the first check, if the feature `checker` is on.
    #[must_use]
    pub fn checker(mut self, checker: &Checker) -> Self {
        self.checker = Some(checker.clone());
        self
    }

    /// Whether to keep compiled code on disk, in the
    /// [user's directory](embed::CodeCache::of_user). Without it, each process
    /// compiles.
    #[cfg(feature = "cache")]
    #[must_use]
    pub fn cache(mut self, cache: bool) -> Self {
        self.cache = cache.then(CodeCache::of_user);
        self
    }

    /// Keeps compiled code in this directory instead of the user's. Nobody else
    /// may be able to write to it: see [`CodeCache`](embed::CodeCache).
    #[cfg(feature = "cache")]
    #[must_use]
    pub fn cache_directory(mut self, directory: impl Into<PathBuf>) -> Self {
        self.cache = Some(CodeCache::new(directory));
        self
    }

    /// Calls this before the component is compiled, which takes seconds: to
    /// tell a person, for example.
    /// [`Monty::code_source`] then says whether the code is kept.
    #[cfg(feature = "compile")]
    #[must_use]
    pub fn on_compile(mut self, on_compile: impl Fn() + Send + Sync + 'static) -> Self {
        self.on_compile = Arc::new(on_compile);
        self
    }

    /// Compiles the component, or loads it from the cache. A cache that cannot
    /// be used is not an error: [`Monty::code_source`] has the reason.
    ///
    /// # Errors
    ///
    /// If wasmtime does not support the machine or its settings, or the bytes
    /// are not a component.
    #[cfg(feature = "compile")]
    pub fn build(&self) -> Result<Monty, Error> {
        let engine = self.engine()?;
        let source = self.source();
        #[cfg(feature = "cache")]
        if let Some(cache) = &self.cache {
            let (component, source) =
                cache.load_or_compile(&engine, source, || (self.on_compile)())?;
            return self.link(engine, &component, source);
        }
        (self.on_compile)();
        let (component, source) = embed::compile_here(&engine, source)?;
        self.link(engine, &component, source)
    }

    /// Loads a component that [`compile`](Self::compile) or `monty-host
    /// compile` wrote. This needs no compiler, and is the only way without the
    /// feature `compile`.
    ///
    /// # Errors
    ///
    /// If the file cannot be read, or was written by another version of this
    /// crate, for another machine, or is not a compiled component.
    ///
    /// # Safety
    ///
    /// The file is machine code that runs outside the sandbox. It must come
    /// from [`compile`](Self::compile), and nobody else may be able to write to
    /// it. The checks guard against mistakes, not against an attacker.
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
        self.link(engine, &component, CodeSource::Loaded(path.to_owned()))
    }

    /// Compiles the component for [`build_precompiled`].
    ///
    /// # Errors
    ///
    /// If the machine or its settings are not ones that wasmtime runs on.
    ///
    /// [`build_precompiled`]: Self::build_precompiled
    #[cfg(feature = "compile")]
    pub fn compile(&self) -> Result<Vec<u8>, Error> {
        let reason = "to write it to a file";
        embed::compile(&self.engine()?, self.source(), reason)
    }

    fn source(&self) -> Source<'_> {
        Source::interpreter(self.component.as_deref())
    }

    fn engine(&self) -> Result<Engine, Error> {
        let mut config = config_for(self.source()).map_err(|error| {
            Error::sandbox("wasmtime rejected the engine's settings", Some(error))
        })?;
        engine_with(&mut config, self.pool())
            .map_err(|error| Error::sandbox("the engine cannot start", Some(error)))
    }

    fn pool(&self) -> PoolingAllocationConfig {
        let spare = Ready::spare_instances(self.ready_instances);
        let instances = self.concurrent_runs.saturating_add(spare);
        let mut pool = PoolingAllocationConfig::new();
        pool.total_component_instances(instances)
            .total_core_instances(instances.saturating_mul(CORE_INSTANCES))
            .total_memories(instances)
            .total_tables(instances.saturating_mul(TABLES))
            .total_stacks(instances)
            .max_core_instances_per_component(CORE_INSTANCES)
            .max_tables_per_component(TABLES)
            .max_memories_per_component(1)
            .table_elements(TABLE_ELEMENTS)
            .max_memory_size(1 << 32)
            // Keeps pages that a run is likely to dirty again, and clears them
            // instead of unmapping. Where the kernel tells which pages were
            // written (Linux 6.7), a small run costs a quarter.
            .pagemap_scan(Enabled::Auto)
            .linear_memory_keep_resident(1 << 20)
            .table_keep_resident(64 << 10)
            .async_stack_keep_resident(64 << 10);
        pool
    }

    fn link(
        &self,
        engine: Engine,
        component: &Component,
        code_source: CodeSource,
    ) -> Result<Monty, Error> {
        let mut linker = Linker::<RunState>::new(&engine);
        let interpreter = wasmtime_wasi::p2::add_to_linker_async(&mut linker)
            .and_then(|()| embed::add_to_linker(&mut linker))
            .and_then(|()| InterpreterPre::new(&linker, component))
            .map_err(|error| Error::sandbox("the interpreter does not link", Some(error)))?;
        increment_epochs(&engine)
            .map_err(|error| Error::sandbox(format!("cannot start a thread: {error}"), None))?;
        Ok(Monty(Arc::new(Shared {
            ready: Ready::new(
                Maker {
                    engine,
                    interpreter,
                },
                self.ready_instances,
            ),
            pool: Pool::new(self.concurrent_runs, self.when_full),
            shut_down: Arc::default(),
            code_source,
            checker: self.checker.clone().map(OnceLock::from).unwrap_or_default(),
        })))
    }
}

/// Core instances in the component: the interpreter and its adapters.
const CORE_INSTANCES: u32 = 8;
/// Tables in the component.
const TABLES: u32 = 8;

impl Monty {
    /// The interpreter with the defaults of [`MontyBuilder`].
    ///
    /// # Errors
    ///
    /// If the machine or its settings are not ones that wasmtime runs on.
    #[cfg(feature = "compile")]
    pub fn new() -> Result<Self, Error> {
        Self::builder().build()
    }

    /// A builder with default settings.
    pub fn builder() -> MontyBuilder {
        MontyBuilder::default()
    }

    /// Where its compiled code came from.
    ///
    /// ```
    /// use monty_host::{CodeSource, Monty};
    ///
    /// let monty = Monty::new()?;
    /// if let CodeSource::NotKept(reason) = monty.code_source() {
    ///     eprintln!("each start takes seconds: {reason}");
    /// }
    /// # Ok::<_, monty_host::Error>(())
    /// ```
    pub fn code_source(&self) -> &CodeSource {
        &self.0.code_source
    }

    /// A type check of a source. Nothing happens before [`Check::run`].
    ///
    /// The first check of a process loads the checker, and compiles it if this user
    /// never did on this machine.
    ///
    /// ```
    /// # #[cfg(feature = "checker")] {
    /// use monty_host::{Monty, Tools};
    ///
    /// let tools = Tools::new().function("forecast", ["city"], |city: String| city.len());
    /// let found = Monty::new()?.check("forecast(5)").host(&tools).run_blocking()?;
    /// let error = found.errors().next().expect("a city is a str");
    /// assert_eq!(error.rule, "invalid-argument-type");
    /// assert_eq!(error.declarations, ["def forecast(city: str) -> Any"]);
    /// # }
    /// # Ok::<_, monty_host::Error>(())
    /// ```
    pub fn check(&self, source: impl Into<String>) -> Check {
        Check::new(CheckerOf::Monty(self.clone()), source.into())
    }

    /// The type checker, loaded or compiled if nobody did yet.
    pub(crate) async fn checker(&self) -> Result<Checker, Error> {
        if let Some(checker) = self.0.checker.get() {
            return Ok(checker.clone());
        }
        let build = || {
            #[cfg(feature = "checker")]
            return Checker::new();
            #[cfg(not(feature = "checker"))]
            Err(Error::request(
                "this program has no type checker: build it with the feature `checker` of monty-host, or give `MontyBuilder::checker` one",
            ))
        };
        // Compiling takes seconds, in which other tasks go on.
        let checker = match Handle::try_current() {
            Err(_) => build(),
            Ok(runtime) => runtime
                .spawn_blocking(build)
                .await
                .unwrap_or_else(|error| Err(Error::sandbox(error.to_string(), None))),
        }?;
        Ok(self.0.checker.get_or_init(|| checker).clone())
    }

    /// Ends every active run with an error of kind
    /// [`Interrupted`](crate::ErrorKind::Interrupted), and rejects new ones.
    pub fn shut_down(&self) {
        self.0.shut_down.raise();
        self.0.pool.close();
    }

    /// The features of the interpreter.
    ///
    /// # Errors
    ///
    /// If the interpreter fails.
    pub async fn capabilities(&self) -> Result<FeatureSet, Error> {
        let (_slot, mut instance) = self.blank(Limits::default()).await?;
        let Instance { store, interpreter } = &mut instance;
        interpreter.capabilities(store).await
    }

    /// The blocking twin of [`capabilities`](Self::capabilities).
    ///
    /// # Errors
    ///
    /// As [`capabilities`](Self::capabilities), and from inside an async
    /// function.
    pub fn capabilities_blocking(&self) -> Result<FeatureSet, Error> {
        block_on("capabilities", self.capabilities())
    }

    /// Whether a source typed line by line can run.
    ///
    /// ```
    /// # tokio::runtime::Builder::new_current_thread().build()?.block_on(async {
    /// use monty_host::Completeness;
    ///
    /// let monty = monty_host::Monty::new()?;
    /// let completeness = monty.source_completeness("f(1,").await?;
    /// assert_eq!(completeness, Completeness::Incomplete);
    /// let completeness = monty.source_completeness("f(1, 2)").await?;
    /// assert_eq!(completeness, Completeness::Complete);
    /// # Ok::<_, monty_host::Error>(()) })?;
    /// # Ok::<_, Box<dyn std::error::Error>>(())
    /// ```
    ///
    /// # Errors
    ///
    /// If the interpreter fails.
    pub async fn source_completeness(&self, source: &str) -> Result<Completeness, Error> {
        let (_slot, mut instance) = self.blank(Limits::default()).await?;
        let Instance { store, interpreter } = &mut instance;
        interpreter.source_completeness(store, source).await
    }

    /// The blocking twin of [`source_completeness`](Self::source_completeness).
    ///
    /// # Errors
    ///
    /// As [`source_completeness`](Self::source_completeness), and from inside an
    /// async function.
    pub fn source_completeness_blocking(&self, source: &str) -> Result<Completeness, Error> {
        block_on("source_completeness", self.source_completeness(source))
    }

    /// The calls that a script or a session waits for, in the order they were
    /// made. Empty if it is not suspended.
    ///
    /// # Errors
    ///
    /// If this interpreter cannot resume the snapshot.
    pub async fn suspended_calls(&self, snapshot: &Snapshot) -> Result<Vec<Call>, Error> {
        let (_slot, mut instance) = self.blank(snapshot.limits().clone()).await?;
        let guest = snapshot.guest();
        let Instance { store, interpreter } = &mut instance;
        interpreter.suspended_calls(store, guest).await
    }

    /// The blocking twin of [`suspended_calls`](Self::suspended_calls).
    ///
    /// # Errors
    ///
    /// As [`suspended_calls`](Self::suspended_calls), and from inside an async
    /// function.
    pub fn suspended_calls_blocking(&self, snapshot: &Snapshot) -> Result<Vec<Call>, Error> {
        block_on("suspended_calls", self.suspended_calls(snapshot))
    }

    /// An instance without access to anything, for calls that run no Python.
    async fn blank(&self, limits: Limits) -> Result<(Slot, Instance), Error> {
        let slot = self.slot(&Stops::default()).await?;
        let context = MontyCtx::default().limits(limits);
        let instance = self.instance(context, Randomness::System, 0).await?;
        Ok((slot, instance))
    }

    /// Whether new runs may begin.
    pub(super) fn check_open(&self) -> Result<(), Error> {
        if self.0.shut_down.is_raised() {
            return Err(Stop::ShutDown.into());
        }
        Ok(())
    }

    pub(super) fn pool(&self) -> &Pool {
        &self.0.pool
    }

    /// A permit for one instance, unless the run must stop first.
    pub(super) async fn slot(&self, stops: &Stops) -> Result<Slot, Error> {
        self.0.pool.slot(stops).await
    }

    /// An instance for one run or session. `stream` counts the instances that
    /// draw from the same seed.
    pub(super) async fn instance(
        &self,
        mut context: MontyCtx,
        randomness: Randomness,
        stream: u64,
    ) -> Result<Instance, Error> {
        context.stop_with(Arc::clone(&self.0.shut_down));
        context.set_owner(Some(Arc::new(self.0.pool.held())));
        self.0.ready.instance(context, randomness, stream).await
    }

    /// Cleans up after a run, without making its caller wait.
    pub(super) fn clean_up(&self, store: Store<RunState>) {
        self.0.ready.clean_up(store);
    }

    /// Records that later runs in this store may be inside a tool of another
    /// run.
    pub(super) fn hold(&self, store: &mut Store<RunState>) {
        let held = self.0.pool.held();
        store.data_mut().monty().set_owner(Some(Arc::new(held)));
    }
}

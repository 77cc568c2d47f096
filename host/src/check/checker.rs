//! The type checker, compiled and ready.

use std::fmt;
use std::path::Path;
use std::sync::Arc;
use std::time::Duration;

use tokio::sync::Semaphore;
use wasmtime::component::{Component, Linker};
use wasmtime::{Enabled, Engine, PoolingAllocationConfig};

use super::bindings::CheckerPre;
use super::bindings::exports::monty::checker::type_checker as wit;
use super::instance::{self, Checked, State};
use super::request::{Check, CheckerOf};
use crate::component::Source;
#[cfg(feature = "cache")]
use crate::embed::CodeCache;
#[cfg(feature = "compile")]
use crate::embed::{compile, compile_here};
use crate::embed::{config_for, engine_with, increment_epochs};
use crate::error::Error;

/// The native stack of the checker's WebAssembly frames.
const WASM_STACK_BYTES: usize = 4 << 20;

/// The limit on the entries of a table: the checker's functions.
const TABLE_ELEMENTS: usize = 100_000;

/// Core instances and tables in the component.
const CORE_INSTANCES: u32 = 8;
const TABLES: u32 = 8;

/// What one check may use up.
#[derive(Clone, Debug, PartialEq, Eq)]
#[non_exhaustive]
pub struct CheckLimits {
    /// The time of the check, 2 s by default; a check of a script takes milliseconds.
    /// It is that of the processor on Linux, Android and Apple's systems, so that a
    /// busy machine does not stop checks, and ten times as much is allowed on the
    /// clock. Elsewhere it is that on the clock.
    pub duration: Duration,
    /// The memory of the checker, in bytes. 256 MiB by default.
    pub memory_bytes: usize,
    /// The size of source, stubs, modules and earlier snippets together, in bytes.
    /// 1 MiB by default.
    pub source_bytes: usize,
}

impl Default for CheckLimits {
    fn default() -> Self {
        Self {
            duration: Duration::from_secs(2),
            memory_bytes: 256 << 20,
            source_bytes: 1 << 20,
        }
    }
}

impl CheckLimits {
    /// The time of the check.
    #[must_use]
    pub fn with_duration(mut self, duration: Duration) -> Self {
        self.duration = duration;
        self
    }

    /// The memory of the checker, in bytes.
    #[must_use]
    pub fn with_memory_bytes(mut self, bytes: usize) -> Self {
        self.memory_bytes = bytes;
        self
    }

    /// The size of source, stubs, modules and earlier snippets together, in bytes.
    #[must_use]
    pub fn with_source_bytes(mut self, bytes: usize) -> Self {
        self.source_bytes = bytes;
        self
    }
}

/// Settings for a [`Checker`].
///
/// By default:
///
/// * the embedded component is compiled for this machine and kept on disk, or loaded
///   from there; without the feature `checker` none is embedded;
/// * four checks run at a time, and others wait.
#[derive(Clone)]
pub struct CheckerBuilder {
    component: Option<Arc<[u8]>>,
    concurrent_checks: u32,
    #[cfg(feature = "cache")]
    cache: Option<CodeCache>,
}

impl fmt::Debug for CheckerBuilder {
    fn fmt(&self, formatter: &mut fmt::Formatter<'_>) -> fmt::Result {
        formatter
            .debug_struct("CheckerBuilder")
            .field("concurrent_checks", &self.concurrent_checks)
            .finish_non_exhaustive()
    }
}

impl Default for CheckerBuilder {
    fn default() -> Self {
        Self {
            component: None,
            concurrent_checks: 4,
            #[cfg(feature = "cache")]
            cache: Some(CodeCache::of_user()),
        }
    }
}

impl CheckerBuilder {
    /// Uses a component of the world `monty:checker/checker`: its bytes, not compiled.
    #[must_use]
    pub fn component(mut self, component: impl Into<Vec<u8>>) -> Self {
        self.component = Some(component.into().into());
        self
    }

    /// The number of concurrent checks. Each may take the memory that [`CheckLimits`]
    /// allow.
    #[must_use]
    pub fn concurrent_checks(mut self, checks: u32) -> Self {
        self.concurrent_checks = checks.max(1);
        self
    }

    /// Whether to keep compiled code on disk, in the
    /// [user's directory](CodeCache::of_user). Without it, each process compiles.
    #[cfg(feature = "cache")]
    #[must_use]
    pub fn cache(mut self, cache: bool) -> Self {
        self.cache = cache.then(CodeCache::of_user);
        self
    }

    /// Keeps compiled code in this directory instead of the user's. Nobody else may be
    /// able to write to it: see [`CodeCache`].
    #[cfg(feature = "cache")]
    #[must_use]
    pub fn cache_directory(mut self, directory: impl Into<std::path::PathBuf>) -> Self {
        self.cache = Some(CodeCache::new(directory));
        self
    }

    /// Compiles the component, which takes seconds, or loads it from the cache.
    ///
    /// # Errors
    ///
    /// If no component is given or embedded, or it does not compile.
    #[cfg(feature = "compile")]
    pub fn build(&self) -> Result<Checker, Error> {
        let source = self.source()?;
        let engine = self.engine(source)?;
        #[cfg(feature = "cache")]
        if let Some(cache) = &self.cache {
            let (component, _) = cache.load_or_compile(&engine, source, || ())?;
            return self.link(engine, &component);
        }
        let (component, _) = compile_here(&engine, source)?;
        self.link(engine, &component)
    }

    /// Compiles the component for [`build_precompiled`](Self::build_precompiled).
    ///
    /// # Errors
    ///
    /// As [`build`](Self::build).
    #[cfg(feature = "compile")]
    pub fn compile(&self) -> Result<Vec<u8>, Error> {
        let source = self.source()?;
        compile(&self.engine(source)?, source, "to write it to a file")
    }

    /// Loads a component that [`compile`](Self::compile) compiled. This needs no
    /// compiler.
    ///
    /// # Errors
    ///
    /// If the file cannot be read, or was compiled by another version of this crate,
    /// for another machine, or from another component.
    ///
    /// # Safety
    ///
    /// The file is machine code that runs outside the sandbox. It must come from
    /// [`compile`](Self::compile), and nobody else may be able to write to it.
    pub unsafe fn build_precompiled(&self, path: impl AsRef<Path>) -> Result<Checker, Error> {
        let path = path.as_ref();
        let engine = self.engine(self.source()?)?;
        // SAFETY: the caller vouches for the file.
        let component = unsafe { Component::deserialize_file(&engine, path) };
        let component = component.map_err(|error| {
            let shown = path.display();
            Error::request(format_args!(
                "{shown} is not a type checker that this program compiled: {error:#}"
            ))
        })?;
        self.link(engine, &component)
    }

    fn source(&self) -> Result<Source<'_>, Error> {
        if let Some(component) = &self.component {
            return Ok(Source::Other(component));
        }
        #[cfg(feature = "checker")]
        return Ok(Source::Checker);
        #[cfg(not(feature = "checker"))]
        Err(Error::request(
            "this program has no type checker: build it with the feature `checker` of monty-host, or give `CheckerBuilder::component` one",
        ))
    }

    fn engine(&self, source: Source<'_>) -> Result<Engine, Error> {
        let failed = |error| Error::sandbox("the type checker's engine cannot start", Some(error));
        let mut config = config_for(source).map_err(failed)?;
        config
            .max_wasm_stack(WASM_STACK_BYTES)
            .async_stack_size(WASM_STACK_BYTES + (1 << 20));
        engine_with(&mut config, self.pool()).map_err(failed)
    }

    fn pool(&self) -> PoolingAllocationConfig {
        let instances = self.concurrent_checks;
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
            .max_component_instance_size(4 << 20)
            .max_core_instance_size(4 << 20)
            .max_memory_size(1 << 32)
            .pagemap_scan(Enabled::Auto)
            .linear_memory_keep_resident(8 << 20)
            .table_keep_resident(1 << 20)
            .async_stack_keep_resident(64 << 10);
        pool
    }

    fn link(&self, engine: Engine, component: &Component) -> Result<Checker, Error> {
        let mut linker = Linker::<State>::new(&engine);
        let checker = add_to_linker(&mut linker)
            .and_then(|()| linker.instantiate_pre(component))
            .and_then(CheckerPre::new)
            .map_err(|error| Error::sandbox("the type checker does not link", Some(error)))?;
        increment_epochs(&engine)
            .map_err(|error| Error::sandbox(format!("cannot start a thread: {error}"), None))?;
        Ok(Checker(Arc::new(Shared {
            engine,
            checker,
            slots: Semaphore::new(self.concurrent_checks as usize),
        })))
    }
}

/// Links the one import: a seed of hash tables, the same for all, so that diagnostics
/// are too.
fn add_to_linker(linker: &mut Linker<State>) -> wasmtime::Result<()> {
    linker
        .instance("wasi:random/insecure-seed@0.2.12")?
        .func_wrap("insecure-seed", |_, (): ()| Ok(((0_u64, 0_u64),)))
}

/// The type checker, compiled and ready to use.
///
/// Creating one takes seconds if this user never compiled the component on this
/// machine, and milliseconds afterwards. Each check has an instance of its own, so
/// nothing of one request is left for another.
///
/// ```
/// # #[cfg(feature = "checker")] {
/// use monty_host::check::{Checker, Declarations};
/// use monty_host::Tools;
///
/// let tools = Tools::new().function("forecast", ["city"], |city: String| city.len());
/// let checker = Checker::new()?;
/// let source = "forecast(town='Oslo')";
/// let found = checker.check(source).declarations(Declarations::of(&tools)).run_blocking()?;
/// let rules: Vec<_> = found.errors().map(|error| error.rule.as_str()).collect();
/// assert_eq!(rules, ["missing-argument", "unknown-argument"]);
/// # }
/// # Ok::<_, monty_host::Error>(())
/// ```
#[derive(Clone)]
pub struct Checker(Arc<Shared>);

struct Shared {
    engine: Engine,
    checker: CheckerPre<State>,
    slots: Semaphore,
}

impl fmt::Debug for Checker {
    fn fmt(&self, formatter: &mut fmt::Formatter<'_>) -> fmt::Result {
        formatter
            .debug_struct("Checker")
            .field("free_slots", &self.0.slots.available_permits())
            .finish_non_exhaustive()
    }
}

impl Checker {
    /// The embedded checker, with the defaults of [`CheckerBuilder`].
    ///
    /// # Errors
    ///
    /// As [`CheckerBuilder::build`].
    #[cfg(feature = "checker")]
    pub fn new() -> Result<Self, Error> {
        Self::builder().build()
    }

    /// A builder with default settings.
    pub fn builder() -> CheckerBuilder {
        CheckerBuilder::default()
    }

    /// A check of a source. Nothing happens before [`Check::run`].
    pub fn check(&self, source: impl Into<String>) -> Check {
        Check::new(CheckerOf::Own(self.clone()), source.into())
    }

    pub(super) async fn run(
        &self,
        limits: &CheckLimits,
        request: &wit::Request,
    ) -> Result<Checked, Error> {
        let Ok(_slot) = self.0.slots.acquire().await else {
            return Err(Error::busy("the type checker is closed"));
        };
        instance::check(&self.0.engine, &self.0.checker, limits, request).await
    }
}

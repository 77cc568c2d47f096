//! Sets up an engine, a linker and a store for the component.

use std::io;
use std::sync::Arc;
use std::time::Duration;

use wasmtime::component::{HasData, Linker};
use wasmtime::{
    Config, Engine, InstanceAllocationStrategy, ModuleVersionStrategy, PoolingAllocationConfig,
    Store, UpdateDeadline,
};

use super::bindings::Sandbox;
use super::context::{MontyCtx, MontyView};
use crate::account::clock::Phase;
use crate::component::Source;
use crate::statistics::Statistics;

/// How often a running script checks its time and yields to other tasks of the
/// executor.
const EPOCH: Duration = Duration::from_millis(10);

/// The native stack of a script's WebAssembly frames.
const WASM_STACK_BYTES: usize = 2 << 20;

/// The settings of an engine for the embedded component.
///
/// # Errors
///
/// If wasmtime rejects one of them.
pub fn engine_config() -> wasmtime::Result<Config> {
    config_for(Source::Interpreter)
}

/// An engine with a pool of instances, or without one: a process with little address
/// space cannot hold it.
pub(crate) fn engine_with(
    config: &mut Config,
    pool: PoolingAllocationConfig,
) -> wasmtime::Result<Engine> {
    config.allocation_strategy(pool);
    Engine::new(config).or_else(|_| {
        config.allocation_strategy(InstanceAllocationStrategy::OnDemand);
        Engine::new(config)
    })
}

/// Compiled code is valid for one version of this crate and of wasmtime, and
/// for one component.
pub(crate) fn config_for(source: Source<'_>) -> wasmtime::Result<Config> {
    let version = format!(
        "wasmtime {}, monty-host {}, component {}",
        ModuleVersionStrategy::WasmtimeVersion.as_str(),
        env!("CARGO_PKG_VERSION"),
        source.hash(),
    );
    let mut config = Config::new();
    config
        .epoch_interruption(true)
        .max_wasm_stack(WASM_STACK_BYTES)
        .async_stack_size(WASM_STACK_BYTES + (1 << 20))
        // Traps are classified by their code; the component has no names to
        // show. The map from code to bytecode is for backtraces only, and an
        // eighth of the compiled code.
        .wasm_backtrace_max_frames(None)
        .generate_address_map(false)
        // Only debuggers and profilers read it, but on Windows, which requires it.
        .native_unwind_info(cfg!(windows))
        .module_version(ModuleVersionStrategy::Custom(version))?;
    Ok(config)
}

/// Increments the engine's epoch every 10 ms, on a thread that ends with the
/// engine. Unless something increments the epoch, no script is stopped from
/// outside.
///
/// # Errors
///
/// If the thread cannot be started.
pub fn increment_epochs(engine: &Engine) -> io::Result<()> {
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

/// Enforces the limits of a store's [`MontyCtx`] that are wasmtime's job:
/// linear memory, by the store's limiter; time in Python and interrupts, by
/// epochs; and the size of messages.
///
/// The engine must have the settings of [`engine_config`] and something that
/// increments its epoch, such as [`increment_epochs`]. At each epoch the run
/// yields to other tasks of the executor.
pub fn limit_store<T: MontyView + 'static>(store: &mut Store<T>) {
    store.limiter(|state| &mut state.monty().memory);
    store.data_mut().monty().begin(&Statistics::default());
    let message_bytes = store.data_mut().monty().limits.message_bytes;
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
        Ok(UpdateDeadline::YieldCustom(1, Box::pin(others)))
    });
}

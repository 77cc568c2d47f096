//! Counts what programs take of the guest: wasmtime's fuel, about one unit for an
//! instruction of WebAssembly, which is the same on every machine.
//!
//! `fuel COMPILED FILE...` prints a line for each of these Python programs, and
//! writes the component to `COMPILED`, compiled for a processor without extensions:
//! valgrind's, which counts the instructions of the host. It is run by
//! `benchmarks/guards`.

#[path = "../host/src/tools.rs"]
mod tools;

use std::error::Error;
use std::path::Path;
use std::time::SystemTime;

use monty_host::embed::{
    Inputs, InterpreterPre, MontyCtx, MontyView, add_to_linker, engine_config, limit_store,
};
use monty_host::os::{Clock, MemoryFiles, Randomness, System};
use monty_host::{COMPONENT, Discard, Host, Limits, Options};
use tokio::runtime::Builder;
use wasmtime::component::{Component, Linker, ResourceTable};
use wasmtime::{Engine, Store};
use wasmtime_wasi::{WasiCtx, WasiCtxView, WasiView};

struct State {
    monty: MontyCtx,
    wasi: WasiCtx,
    table: ResourceTable,
}

impl MontyView for State {
    fn monty(&mut self) -> &mut MontyCtx {
        &mut self.monty
    }
}

impl WasiView for State {
    fn ctx(&mut self) -> WasiCtxView<'_> {
        WasiCtxView {
            ctx: &mut self.wasi,
            table: &mut self.table,
        }
    }
}

fn main() -> Result<(), Box<dyn Error>> {
    let mut arguments = std::env::args_os().skip(1);
    let compiled = arguments
        .next()
        .ok_or("no file for the compiled component")?;
    std::fs::write(compiled, compile()?)?;

    let mut config = engine_config()?;
    config.consume_fuel(true);
    let engine = Engine::new(&config)?;
    let mut linker = Linker::new(&engine);
    wasmtime_wasi::p2::add_to_linker_async(&mut linker)?;
    add_to_linker(&mut linker)?;
    let component = Component::new(&engine, COMPONENT)?;
    let interpreter = InterpreterPre::new(&linker, &component)?;

    let runtime = Builder::new_current_thread().enable_all().build()?;
    for path in arguments {
        let path = Path::new(&path);
        let source = std::fs::read_to_string(path)?;
        let name = path.file_stem().unwrap_or_default().display();
        let fuel = runtime.block_on(fuel(&engine, &interpreter, &source))?;
        println!("{name} {fuel}");
    }
    Ok(())
}

/// The component for every processor of this kind, and without fuel: as
/// `Monty::builder().build_precompiled(…)` takes it.
fn compile() -> Result<Vec<u8>, Box<dyn Error>> {
    let mut config = engine_config()?;
    config.target(&format!("{}-unknown-linux-gnu", std::env::consts::ARCH))?;
    Ok(Engine::new(&config)?.precompile_component(COMPONENT)?)
}

/// What a fresh instance and a program in it take. Nothing of it is left to
/// chance: a seed, a fixed time, and nothing that waits.
async fn fuel(
    engine: &Engine,
    interpreter: &InterpreterPre<State>,
    source: &str,
) -> Result<u64, Box<dyn Error>> {
    let files = MemoryFiles::new().file("/data/note.txt", [b'x'; 100])?;
    let host = Host::new()
        .tools(&tools::tools()?)
        .os(System::new().files(files)?)
        .print(Discard);
    let seeded = Randomness::Seeded(7);
    let options = Options::new()
        .randomness(seeded)
        .clock(Clock::Fixed(SystemTime::UNIX_EPOCH));

    // A slow machine takes no more fuel.
    let mut limits = Limits::default();
    limits.duration = None;
    let monty = MontyCtx::new(host).limits(limits);
    let wasi = monty.wasi(seeded, 0).build();
    let table = ResourceTable::new();
    let mut store = Store::new(engine, State { monty, wasi, table });
    limit_store(&mut store);
    store.set_fuel(u64::MAX)?;
    let instance = interpreter.instantiate(&mut store).await?;
    instance
        .run(&mut store, source, Inputs::new(), &options)
        .await?;
    Ok(u64::MAX - store.get_fuel()?)
}

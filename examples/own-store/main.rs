//! A host with its own engine, linker and stores that still has limits,
//! interrupts, sessions, statistics and clear errors.
//!
//! `cargo run --example own-store`

use std::time::Duration;

use monty_host::embed::{
    CodeCache, FeedOptions, Inputs, Interpreter, InterpreterPre, MontyCtx, MontyView, Outcome,
    Session, add_to_linker, engine_config, increment_epochs, limit_store,
};
use monty_host::os::Randomness;
use monty_host::{Error, ErrorKind, Host, InterruptHandle, Limit, Limits, Options, Tools};
use wasmtime::component::{Linker, ResourceTable};
use wasmtime::{Engine, Store};
use wasmtime_wasi::{HostWallClock, WasiCtx, WasiCtxView, WasiView};

/// The state of a store. The program's own state would go here too.
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

/// Created once per program.
struct Program {
    engine: Engine,
    interpreter: InterpreterPre<State>,
}

impl Program {
    fn new() -> wasmtime::Result<Self> {
        let engine = Engine::new(&engine_config()?)?;
        increment_epochs(&engine)?;
        let mut linker = Linker::new(&engine);
        wasmtime_wasi::p2::add_to_linker_async(&mut linker)?;
        add_to_linker(&mut linker)?;
        // The first process of a machine compiles it, which takes seconds.
        let (component, _) = CodeCache::of_user().component(&engine, || ())?;
        let interpreter = InterpreterPre::new(&linker, &component)?;
        Ok(Self {
            engine,
            interpreter,
        })
    }

    /// A store with its limits in place, and an instance in it.
    async fn instance(
        &self,
        monty: MontyCtx,
        wasi: WasiCtx,
    ) -> Result<(Store<State>, Interpreter), Error> {
        let state = State {
            monty,
            wasi,
            table: ResourceTable::new(),
        };
        let mut store = Store::new(&self.engine, state);
        limit_store(&mut store);
        let interpreter = self.interpreter.instantiate(&mut store).await?;
        Ok((store, interpreter))
    }

    /// Runs one script in its own instance.
    async fn run(&self, source: &str, limits: Limits) -> Result<(), Error> {
        let tools = Tools::new().function("tick", ["n"], |n: i64| n + 1);
        let monty = MontyCtx::new(tools).limits(limits);
        let wasi = monty.wasi(Randomness::System, 0).build();
        let (mut store, interpreter) = self.instance(monty, wasi).await?;
        let (inputs, options) = (Inputs::new().set("start", 40)?, Options::new());
        let outcome = interpreter
            .run(&mut store, source, inputs, &options)
            .await?;
        if let Outcome::Completed(value) = outcome {
            let statistics = store.data_mut().monty().statistics();
            println!("{value} after {} calls", statistics.calls);
        }
        Ok(())
    }
}

/// Exceeding a limit is reported as that limit.
async fn limits(program: &Program) -> Result<(), Error> {
    let limits = || Limits::default().with_duration(Duration::from_millis(100));
    let deep = "def deep(n):\n    return deep(n + 1)\ndeep(0)";
    for (source, limits, limit) in [
        ("while True:\n    pass", limits(), Limit::Duration),
        (
            "[0] * 10 ** 9",
            limits().with_memory_bytes(8 << 20),
            Limit::Memory,
        ),
        (deep, limits().with_recursion_depth(50), Limit::Recursion),
        (
            "while True:\n    tick(0)",
            limits().with_calls(3),
            Limit::Calls,
        ),
    ] {
        let error = program
            .run(source, limits)
            .await
            .expect_err("it is limited");
        assert_eq!(error.limit(), Some(limit));
        println!("limit: {limit}");
    }
    Ok(())
}

/// A session survives an interrupt with all its definitions.
async fn session(program: &Program) -> Result<(), Error> {
    let handle = InterruptHandle::new();
    let interrupt = handle.clone();
    let tools = Tools::new().function("begun", (), move || {
        interrupt.interrupt();
    });
    let host = Host::new().tools(&tools).interrupt(&handle);
    let monty = MontyCtx::new(host);
    let wasi = monty.wasi(Randomness::System, 0).build();
    let (mut store, interpreter) = program.instance(monty, wasi).await?;
    let session = interpreter
        .open_session(&mut store, &Options::new())
        .await?;

    feed(&session, &mut store, "kept = 'still here'").await?;
    let error = feed(&session, &mut store, "begun()\nwhile True:\n    pass")
        .await
        .expect_err("it is interrupted");
    assert_eq!(error.kind(), ErrorKind::Interrupted);
    println!("session: {error}");
    assert!(!store.data_mut().monty().has_trapped());
    feed(&session, &mut store, "kept").await?;
    session.close(&mut store).await
}

async fn feed(session: &Session, store: &mut Store<State>, source: &str) -> Result<(), Error> {
    let (inputs, options) = (Inputs::new(), FeedOptions::new());
    match session.feed(store, source, inputs, options).await? {
        Outcome::Completed(value) if !value.is_none() => println!("session: {value}"),
        _ => {}
    }
    Ok(())
}

/// A wall clock that shows a year beyond every calendar.
struct EndOfTime;

impl HostWallClock for EndOfTime {
    fn resolution(&self) -> Duration {
        Duration::from_nanos(1)
    }

    fn now(&self) -> Duration {
        Duration::from_secs(i64::MAX as u64)
    }
}

/// A fault of the interpreter is a trap: neither the script's nor a limit's. It
/// takes one store with it.
async fn trap(program: &Program) -> Result<(), Error> {
    let monty = MontyCtx::default();
    let mut wasi = monty.wasi(Randomness::System, 0);
    let wasi = wasi.wall_clock(EndOfTime).build();
    let (mut store, interpreter) = program.instance(monty, wasi).await?;
    let source = "import datetime\ndatetime.datetime.now()";
    let error = interpreter
        .run(&mut store, source, Inputs::new(), &Options::new())
        .await
        .expect_err("there is no such date");
    assert_eq!((error.kind(), error.limit()), (ErrorKind::Sandbox, None));
    assert!(store.data_mut().monty().has_trapped());
    println!("trap: {}", error.kind().name());
    Ok(())
}

#[tokio::main]
async fn main() -> Result<(), Box<dyn std::error::Error>> {
    let program = Program::new()?;
    program.run("tick(start) + 1", Limits::default()).await?;
    limits(&program).await?;
    session(&program).await?;
    trap(&program).await?;
    Ok(())
}

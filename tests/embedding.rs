//! A host that owns its engine, linker and store.

use std::sync::Arc;
use std::time::Duration;

use monty_host::bindings::Sandbox;
use monty_host::bindings::exports::monty::sandbox::interpreter::{
    Clock, Failure, Options, Outcome,
};
use monty_host::value::Decoder;
use monty_host::value::graph::GraphCaps;
use monty_host::{
    Collect, Limits, MontyCtx, MontyView, Stream, ToolError, Tools, Value, add_to_linker,
    engine_config, limit_store,
};
use wasmtime::component::{Component, Linker, ResourceTable};
use wasmtime::{Engine, Store, Trap};
use wasmtime_wasi::{HostWallClock, WasiCtx, WasiCtxView, WasiView};

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

/// An instance with a linker and a store of the host's own.
async fn instance(monty: MontyCtx, wasi: WasiCtx) -> wasmtime::Result<(Store<State>, Sandbox)> {
    let mut config = engine_config()?;
    config.cache(wasmtime::Cache::from_file(None).ok());
    let engine = Engine::new(&config)?;
    let component = Component::new(&engine, monty_host::COMPONENT)?;
    let mut linker = Linker::<State>::new(&engine);
    wasmtime_wasi::p2::add_to_linker_async(&mut linker)?;
    add_to_linker(&mut linker)?;
    let state = State {
        monty,
        wasi,
        table: ResourceTable::new(),
    };
    let mut store = Store::new(&engine, state);
    limit_store(&mut store);
    let sandbox = Sandbox::instantiate_async(&mut store, &component, &linker).await?;
    Ok((store, sandbox))
}

fn options() -> Options {
    Options {
        script_name: None,
        inputs: None,
        working_directory: None,
        limits: None,
        clock: None,
        local_timezone: None,
        randomness: None,
        line_buffered: None,
        explain_assertions: None,
        extensions: None,
    }
}

#[tokio::test]
async fn linker_and_store_of_ones_own() -> wasmtime::Result<()> {
    let tools = Tools::new().function("double", ["x"], |x: i64| Ok::<_, ToolError>(x * 2));
    let printed = Collect::new();
    let context = MontyCtx::new()
        .external_call(Arc::new(tools))
        .print(printed.clone())
        .limits(Limits::default().with_calls(2));
    let (mut store, sandbox) = instance(context, WasiCtx::builder().build()).await?;
    let interpreter = sandbox.monty_sandbox_interpreter();
    let options = options();

    let source = "print('here')\n[double(21)]";
    let outcome = interpreter
        .call_run(&mut store, source, &options)
        .await?
        .expect("the script has a value");
    let Outcome::Completed(message) = outcome else {
        panic!("no tool suspends it: {outcome:?}");
    };
    let mut decoder = Decoder::new(message.graph.as_ref(), GraphCaps::DEFAULT)?;
    assert_eq!(decoder.value(&message.root)?, Value::list([42]));
    assert_eq!(printed.take().to_string(), "here\n");

    // The same instance runs again, and starts from nothing.
    let failure = interpreter
        .call_run(&mut store, "undefined", &options)
        .await?
        .expect_err("there is no such name");
    let Failure::Raised(report) = failure else {
        panic!("not raised: {failure:?}");
    };
    assert_eq!(
        report.exception.to_string(),
        "NameError: name 'undefined' is not defined"
    );
    Ok(())
}

/// A wall clock that shows a year beyond all calendars.
struct EndOfTime;

impl HostWallClock for EndOfTime {
    fn resolution(&self) -> Duration {
        Duration::from_nanos(1)
    }

    fn now(&self) -> Duration {
        Duration::from_secs(i64::MAX as u64)
    }
}

/// A panic of the interpreter is a trap, and says why where the script prints.
#[tokio::test]
async fn interpreter_that_panics() -> wasmtime::Result<()> {
    let printed = Collect::new();
    let wasi = WasiCtx::builder().wall_clock(EndOfTime).build();
    let (mut store, sandbox) = instance(MontyCtx::new().print(printed.clone()), wasi).await?;
    let options = Options {
        clock: Some(Clock::System),
        ..options()
    };
    let trap = sandbox
        .monty_sandbox_interpreter()
        .call_run(
            &mut store,
            "import datetime\ndatetime.datetime.now()",
            &options,
        )
        .await
        .expect_err("there is no such date");
    assert_eq!(
        trap.downcast_ref::<Trap>(),
        Some(&Trap::UnreachableCodeReached)
    );
    let printed = printed.take();
    assert_eq!(printed.on(Stream::Stdout), "");
    let text = printed.on(Stream::Stderr);
    assert!(text.starts_with("the interpreter panicked at "), "{text}");
    assert!(
        text.ends_with("`Option::unwrap()` on a `None` value\n"),
        "{text}"
    );
    Ok(())
}

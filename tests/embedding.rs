//! A host that owns its engine, linker and store.

use std::sync::Arc;

use monty_host::bindings::Sandbox;
use monty_host::bindings::exports::monty::sandbox::interpreter::{Failure, Options};
use monty_host::value::Decoder;
use monty_host::value::graph::GraphCaps;
use monty_host::{
    Collect, Limits, MontyCtx, MontyView, ToolError, Tools, Value, add_to_linker, engine_config,
    limit_store,
};
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

#[tokio::test]
async fn linker_and_store_of_ones_own() -> wasmtime::Result<()> {
    let mut config = engine_config()?;
    config.cache(wasmtime::Cache::from_file(None).ok());
    let engine = Engine::new(&config)?;
    let component = Component::new(&engine, monty_host::COMPONENT)?;
    let mut linker = Linker::<State>::new(&engine);
    wasmtime_wasi::p2::add_to_linker_async(&mut linker)?;
    add_to_linker(&mut linker)?;

    let tools = Tools::new().function("double", ["x"], |x: i64| Ok::<_, ToolError>(x * 2));
    let printed = Collect::new();
    let context = MontyCtx::new()
        .external_call(Arc::new(tools))
        .print(printed.clone())
        .limits(Limits::default().with_calls(2));
    let state = State {
        monty: context,
        wasi: WasiCtx::builder().build(),
        table: ResourceTable::new(),
    };
    let mut store = Store::new(&engine, state);
    limit_store(&mut store);

    let sandbox = Sandbox::instantiate_async(&mut store, &component, &linker).await?;
    let interpreter = sandbox.monty_sandbox_interpreter();
    let options = Options {
        script_name: None,
        inputs: None,
        working_directory: None,
        limits: None,
        clock: None,
        local_timezone: None,
        randomness: None,
        line_buffered: None,
        explain_assertions: None,
    };

    let source = "print('here')\n[double(21)]";
    let message = interpreter
        .call_run(&mut store, source, &options)
        .await?
        .expect("the script has a value");
    let decoder = Decoder::new(message.graph.as_ref(), GraphCaps::DEFAULT)?;
    assert_eq!(decoder.value(&message.root)?, Value::list([42]));
    assert_eq!(printed.take().to_string(), "here\n");

    // The same instance runs again, and starts from nothing.
    let failure = interpreter
        .call_run(&mut store, "undefined", &options)
        .await?
        .expect_err("there is no such name");
    let Failure::Raised(exception) = failure else {
        panic!("not raised: {failure:?}");
    };
    assert_eq!(
        exception.summary(),
        "NameError: name 'undefined' is not defined"
    );
    Ok(())
}

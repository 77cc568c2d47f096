//! A host that owns its engine, linker and store.

use std::sync::Arc;
use std::time::Duration;

use monty_host::embed::bindings::Sandbox;
use monty_host::embed::bindings::exports::monty::sandbox::interpreter::{
    Clock, Failure, FeedOptions, Options, Outcome,
};
use monty_host::embed::{
    CodeCache, Inputs, InterpreterPre, MontyCtx, MontyView, add_to_linker, engine_config,
    limit_store,
};
use monty_host::os::Randomness;
use monty_host::value::Decoder;
use monty_host::value::graph::GraphCaps;
use monty_host::{Collect, ErrorKind, Host, Limits, Stream, ToolError, Tools, Value};
use tokio::sync::{Notify, mpsc};
use wasmtime::component::{Component, Linker, ResourceAny, ResourceTable};
use wasmtime::{Engine, Store, Trap};
use wasmtime_wasi::{HostWallClock, WasiCtx, WasiCtxView, WasiView};

use crate::support::{Dropped, in_time};

/// The state of the host's own store.
pub(crate) struct State {
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

/// An engine of the host's own.
pub(crate) fn engine() -> wasmtime::Result<Engine> {
    Engine::new(&engine_config()?)
}

/// The interpreter, compiled for it.
pub(crate) fn component(engine: &Engine) -> wasmtime::Result<Component> {
    let (component, _) = CodeCache::of_user().component(engine, || ())?;
    Ok(component)
}

/// A linker of the host's own, with all that the interpreter imports.
pub(crate) fn linker(engine: &Engine) -> wasmtime::Result<Linker<State>> {
    let mut linker = Linker::new(engine);
    wasmtime_wasi::p2::add_to_linker_async(&mut linker)?;
    add_to_linker(&mut linker)?;
    Ok(linker)
}

/// A store of the host's own.
pub(crate) fn store(engine: &Engine, monty: MontyCtx, wasi: WasiCtx) -> Store<State> {
    let state = State {
        monty,
        wasi,
        table: ResourceTable::new(),
    };
    let mut store = Store::new(engine, state);
    limit_store(&mut store);
    store
}

/// An instance with a linker and a store of the host's own.
async fn instance(monty: MontyCtx, wasi: WasiCtx) -> wasmtime::Result<(Store<State>, Sandbox)> {
    let engine = engine()?;
    let component = component(&engine)?;
    let linker = linker(&engine)?;
    let mut store = store(&engine, monty, wasi);
    let sandbox = Sandbox::instantiate_async(&mut store, &component, &linker).await?;
    Ok((store, sandbox))
}

/// The defaults of the interpreter.
pub(crate) fn options() -> Options {
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
    let context = MontyCtx::new(Host::new().tools(&tools).print(printed.clone()))
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

    // The same instance runs again, and starts afresh.
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

/// A panic of the interpreter is a trap, and prints its reason among the
/// script's prints.
#[tokio::test]
async fn interpreter_that_panics() -> wasmtime::Result<()> {
    let printed = Collect::new();
    let wasi = WasiCtx::builder().wall_clock(EndOfTime).build();
    let (mut store, sandbox) =
        instance(MontyCtx::new(Host::new().print(printed.clone())), wasi).await?;
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

/// Tools whose calls end when `ready` is told to, and tell when they are
/// dropped: `slow`; and `echo`, which ends at once.
fn slow_tools(ready: &Arc<Notify>) -> (Tools, mpsc::UnboundedReceiver<&'static str>) {
    let (send, receive) = mpsc::unbounded_channel();
    let ready = Arc::clone(ready);
    let tools = Tools::new()
        .async_function("slow", ["value"], move |value: Value| {
            let guard = Dropped::new(send.clone());
            let ready = Arc::clone(&ready);
            async move {
                let _guard = guard;
                ready.notified().await;
                Ok::<_, ToolError>(value)
            }
        })
        .async_function("echo", ["value"], async |value: Value| {
            tokio::task::yield_now().await;
            Ok::<_, ToolError>(value)
        })
        .function("pause", (), async || {
            tokio::time::sleep(Duration::from_millis(1)).await;
            Ok::<_, ToolError>(())
        });
    (tools, receive)
}

async fn feed(
    store: &mut Store<State>,
    sandbox: &Sandbox,
    session: ResourceAny,
    source: &str,
) -> wasmtime::Result<Result<Value, String>> {
    let options = FeedOptions {
        inputs: None,
        limits: None,
        line_buffered: None,
        extensions: None,
    };
    let session_type = sandbox.monty_sandbox_interpreter().session();
    let outcome = session_type
        .call_feed(store, session, source, &options)
        .await?;
    Ok(match outcome {
        Ok(Outcome::Completed(message)) => {
            let mut decoder = Decoder::new(message.graph.as_ref(), GraphCaps::DEFAULT)?;
            Ok(decoder.value(&message.root)?)
        }
        Err(Failure::Raised(report)) => Err(report.exception.to_string()),
        other => panic!("neither a value nor raised: {other:?}"),
    })
}

/// The interpreter drops a pending call when the snippet that made it has
/// ended, however it ended: the host hears of it while the session lives on.
#[tokio::test]
async fn a_call_is_given_up_with_its_piece_of_code() -> wasmtime::Result<()> {
    let (tools, mut dropped) = slow_tools(&Arc::default());
    let context = MontyCtx::new(tools);
    let (mut store, sandbox) = instance(context, WasiCtx::builder().build()).await?;
    let session = sandbox.monty_sandbox_interpreter().session();
    let session = session.call_create(&mut store, &options()).await?;
    let session = session.expect("it opens");
    for (source, expected) in [
        ("kept = slow(1)\npause()\n'done'", Ok(Value::from("done"))),
        (
            "kept = slow(1)\npause()\n1 / 0",
            Err("ZeroDivisionError: division by zero".to_owned()),
        ),
        (
            "import asyncio\nasync def fail():\n    await echo(1)\n    raise ValueError('x')\nawait asyncio.gather(slow(1), fail())",
            Err("ValueError: x".to_owned()),
        ),
    ] {
        let seen = feed(&mut store, &sandbox, session, source).await?;
        assert_eq!(seen, expected, "{source}");
        let event = in_time(dropped.recv()).await;
        assert_eq!(event, Some("dropped"), "{source}");
    }
    // The session is as good as before.
    let seen = feed(&mut store, &sandbox, session, "await echo(7)").await?;
    assert_eq!(seen, Ok(Value::from(7)));
    session.resource_drop_async(&mut store).await?;
    Ok(())
}

/// Two sessions of one instance number their calls alike. The answer to a call
/// that one gave up does not reach the other.
#[tokio::test]
async fn sessions_in_one_store_do_not_mix_up_their_calls() -> wasmtime::Result<()> {
    let ready = Arc::new(Notify::new());
    let (tools, mut dropped) = slow_tools(&ready);
    let context = MontyCtx::new(tools);
    let (mut store, sandbox) = instance(context, WasiCtx::builder().build()).await?;
    let mut sessions = Vec::new();
    for _ in 0..2 {
        let session = sandbox.monty_sandbox_interpreter().session();
        let session = session.call_create(&mut store, &options()).await?;
        sessions.push(session.expect("it opens"));
    }
    let (one, other) = (sessions[0], sessions[1]);
    // One is answered, and nobody takes the answer: the permit is there.
    ready.notify_one();
    let source = "kept = slow('of one')\npause()\n1 / 0";
    let seen = feed(&mut store, &sandbox, one, source).await?;
    assert!(seen.is_err(), "{seen:?}");
    assert_eq!(in_time(dropped.recv()).await, Some("dropped"));
    let source = "import asyncio\nawait asyncio.gather(echo('of other'), echo('too'))";
    let seen = feed(&mut store, &sandbox, other, source).await?;
    let expected = Value::list([Value::from("of other"), Value::from("too")]);
    assert_eq!(seen, Ok(expected));
    let seen = feed(&mut store, &sandbox, one, "await echo('of one')").await?;
    assert_eq!(seen, Ok(Value::from("of one")));
    Ok(())
}

/// An instance called with another store is refused, and neither store is lost.
#[tokio::test]
async fn an_instance_in_another_store() -> wasmtime::Result<()> {
    let engine = engine()?;
    let component = component(&engine)?;
    let pre = InterpreterPre::new(&linker(&engine)?, &component)?;
    let store = || {
        let monty = MontyCtx::default();
        let wasi = monty.wasi(Randomness::System, 0).build();
        self::store(&engine, monty, wasi)
    };
    let (mut one, mut other) = (store(), store());
    let here = pre.instantiate(&mut one).await?;
    let there = pre.instantiate(&mut other).await?;
    let options = monty_host::Options::new();
    let session = here.open_session(&mut one, &options).await?;
    let kept = there.open_session(&mut other, &options).await?;
    let feed = |source| (source, Inputs::new(), monty_host::FeedOptions::new());
    let (source, inputs, how) = feed("kept = 5");
    kept.feed(&mut other, source, inputs, how).await?;

    let (source, inputs, how) = feed("1");
    let mut refused = vec![
        session.feed(&mut other, source, inputs, how).await.err(),
        here.run(&mut other, "1", Inputs::new(), &options)
            .await
            .err(),
        here.open_session(&mut other, &options).await.err(),
    ];
    refused.push(session.close(&mut other).await.err());
    for error in refused {
        let error = error.expect("it is refused");
        assert_eq!(error.kind(), ErrorKind::Request);
        assert_eq!(
            error.to_string(),
            "this instance is in another store: call it with the store that it was instantiated in"
        );
    }
    assert!(!other.data_mut().monty().has_trapped());
    let (source, inputs, how) = feed("kept");
    let outcome = kept.feed(&mut other, source, inputs, how).await?;
    assert!(
        matches!(outcome, monty_host::embed::Outcome::Completed(value) if value.as_i64() == Some(5))
    );
    Ok(())
}

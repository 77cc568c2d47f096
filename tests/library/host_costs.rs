//! The cost of a run to its host: time, waiting and memory, each limited while
//! the host works, and failures of host code.

use std::sync::Arc;
use std::time::{Duration, Instant};

use async_trait::async_trait;
use monty_host::os::{ErrorCode, Os, SleepPolicy, System};
use monty_host::{
    Answer, Call, Error, ErrorKind, ExternalCall, Host, InterruptHandle, Limit, Limits, Monty,
    ObjectId, Print, Reply, SourceRange, Stream, ToolError, Tools, Value,
};

use crate::support::{assert_next_run_works, in_time, monty, script};

/// `keep` takes any value, `wait` never answers, `text` answers with a text.
fn tools() -> Tools {
    Tools::new()
        .function("keep", ["value"], |_: serde_json::Value| {
            Ok::<_, ToolError>(())
        })
        .function("wait", (), async || {
            std::future::pending::<Result<(), ToolError>>().await
        })
        .async_function("text", ["length"], async |length: usize| {
            Ok::<_, ToolError>("a".repeat(length))
        })
        .function("pause", (), async || {
            tokio::time::sleep(Duration::from_millis(1)).await;
            Ok::<_, ToolError>(())
        })
}

fn limited_by(result: Result<monty_host::Report, Error>, limit: Limit) -> Error {
    let error = result.expect_err("a limit stops it");
    assert_eq!(error.limit(), Some(limit), "{error}");
    assert_eq!(error.kind(), ErrorKind::Limit);
    // Not on a thread that runs something async.
    let next = std::thread::spawn(assert_next_run_works);
    next.join().expect("the next run works");
    error
}

/// A message of 25 KB that stands for 3.6 million dicts.
#[test]
fn an_argument_that_stands_for_more_than_it_takes() {
    let source = "d = [{'a': None}] * 1000\nkeep([d] * 3600)";
    let started = Instant::now();
    let error = limited_by(script(source).host(tools()).run_blocking(), Limit::Message);
    let statistics = error.statistics().expect("the run began");
    assert!(
        statistics.host_time < Duration::from_secs(1),
        "{statistics:?}"
    );
    assert!(started.elapsed() < Duration::from_secs(30));
}

/// The same object as many arguments, none of which is large.
#[test]
fn arguments_that_are_too_much_together() {
    let source = "d = [{'a': None}] * 1000\nkeep2(*[d] * 3600)";
    let tools = Tools::new().dynamic("keep2", async |_: Call| Ok::<_, ToolError>(()));
    let error = limited_by(script(source).host(&tools).run_blocking(), Limit::Message);
    insta::assert_snapshot!(error, @"message limit exceeded: more than 67108864 bytes in one message, counting shared objects at each place that holds them");
}

#[test]
fn the_message_limit_is_one_of_the_size_in_the_host() {
    let source = "keep([None] * 1000)";
    let run = |bytes| {
        let limits = Limits::default().with_message_bytes(bytes);
        script(source).host(tools()).limits(limits).run_blocking()
    };
    // 1000 places of 32 bytes, 1000 objects of 64, and the list.
    run(96_064).expect("it fits");
    limited_by(run(96_063), Limit::Message);
}

/// Calls that are pending hold their arguments.
#[test]
fn arguments_of_calls_that_wait() {
    let tools = Tools::new().async_function("hold", ["value"], async |_: Value| {
        std::future::pending::<Result<(), ToolError>>().await
    });
    let source = "xs = ['a' * 1_000_000 for _ in range(10)]\nfor _ in range(100): hold(xs)";
    let limits = Limits::default().with_host_memory_bytes(64 << 20);
    let result = script(source).host(&tools).limits(limits).run_blocking();
    let error = limited_by(result, Limit::HostMemory);
    let statistics = error.statistics().expect("the run began");
    assert_eq!(statistics.calls, 7, "the seventh does not fit");
    assert!(statistics.peak_host_memory_bytes > 60_000_000);
    insta::assert_snapshot!(error, @"host memory limit exceeded: messages, calls and answers hold more than 67108864 bytes");
}

/// Ready answers that nobody awaits count.
#[tokio::test]
async fn answers_that_nobody_awaits() {
    let source = "for _ in range(100):\n    text(10_000_000)\n    pause()";
    let limits = Limits::default().with_host_memory_bytes(64 << 20);
    let run = script(source).host(tools()).limits(limits).run();
    let error = limited_by(in_time(run).await, Limit::HostMemory);
    assert!(error.statistics().expect("the run began").calls < 30);
}

/// Answers that the script takes no longer count.
#[tokio::test]
async fn answers_that_are_awaited() {
    let source = "n = 0\nfor _ in range(50):\n    n += len(await text(10_000_000))\nn";
    let limits = Limits::default()
        .with_host_memory_bytes(32 << 20)
        .with_duration(Duration::from_secs(60))
        .with_host_duration(Duration::from_secs(60));
    let run = script(source).host(tools()).limits(limits).run();
    let report = in_time(run).await.expect("one at a time fits");
    assert_eq!(report.value.as_i64(), Some(500_000_000));
    assert!(report.statistics.peak_host_memory_bytes < 32 << 20);
}

/// Binding the arguments to the types of the tool is the host's work, and is
/// not the tool's.
#[test]
fn work_of_the_host() {
    let source = "rows = [{'a': 1, 'b': [1, 2, 3]}] * 20_000\nwhile True: keep(rows)";
    let limits = Limits::default()
        .with_host_duration(Duration::from_millis(200))
        .with_duration(Duration::from_secs(60));
    let result = script(source).host(tools()).limits(limits).run_blocking();
    let error = limited_by(result, Limit::HostDuration);
    let statistics = error.statistics().expect("the run began");
    assert!(
        statistics.host_time > Duration::from_millis(200),
        "{statistics:?}"
    );
    assert!(
        statistics.host_time < Duration::from_secs(10),
        "{statistics:?}"
    );
    insta::assert_snapshot!(error, @"host time limit exceeded: the host worked longer than 200ms");
}

/// A tool's own work counts as waiting.
#[test]
fn work_of_a_tool_is_no_work_of_the_host() {
    let tools = Tools::new().function("work", (), || {
        std::thread::sleep(Duration::from_millis(150));
        Ok::<_, ToolError>(())
    });
    let limits = Limits::default().with_host_duration(Duration::from_millis(100));
    let report = script("work()").host(&tools).limits(limits).run_blocking();
    let statistics = report.expect("the host did next to nothing").statistics;
    assert!(
        statistics.wait_time >= Duration::from_millis(150),
        "{statistics:?}"
    );
}

#[tokio::test]
async fn waiting_for_a_tool() {
    for source in [
        "wait()",
        "import asyncio\nasync def f(): wait()\nawait asyncio.gather(f(), f())",
        "text2()",
        "await text2()",
        "import asyncio\nawait asyncio.gather(text2(), text2(), asyncio.sleep(60))",
        "import time\ntime.sleep(60)",
        "import asyncio\nawait asyncio.sleep(60)",
    ] {
        let tools = tools().async_function("text2", (), async || {
            std::future::pending::<Result<(), ToolError>>().await
        });
        let source = if source == "text2()" {
            "x = text2()\nwait()"
        } else {
            source
        };
        let sleep = SleepPolicy::Wait {
            total: Duration::MAX,
        };
        let limits = Limits::default().with_wait_duration(Duration::from_millis(100));
        let run = script(source)
            .host(
                Host::new()
                    .tools(&tools)
                    .os(System::new().sleep_policy(sleep)),
            )
            .limits(limits)
            .run();
        let error = in_time(run).await.expect_err(source);
        assert_eq!(
            error.limit(),
            Some(Limit::WaitDuration),
            "{source}: {error}"
        );
        assert_eq!(
            error.to_string(),
            "wait limit exceeded: the script waited longer than 100ms",
            "{source}"
        );
    }
    assert_eq!(
        Limits::default().wait_duration,
        Some(Duration::from_secs(600))
    );
}

/// The waits of a script add up.
#[tokio::test]
async fn many_short_waits() {
    let limits = Limits::default().with_wait_duration(Duration::from_millis(100));
    let source = "for _ in range(1000): pause()";
    let run = script(source).host(tools()).limits(limits).run();
    let error = in_time(run)
        .await
        .expect_err("a thousand milliseconds are more");
    assert_eq!(error.limit(), Some(Limit::WaitDuration), "{error}");
    assert!(error.statistics().expect("the run began").calls < 150);
}

/// A limit of the host leaves a session intact.
#[tokio::test]
async fn a_session_survives_the_limits_of_the_host() -> Result<(), Error> {
    let limits = Limits::default()
        .with_wait_duration(Duration::from_millis(100))
        .with_host_memory_bytes(1 << 20);
    let mut session = monty()
        .session()
        .host(tools())
        .limits(limits)
        .open()
        .await?;
    session.feed("x = 41").run().await?;
    for (source, limit) in [
        ("x += 1\nwait()", Limit::WaitDuration),
        ("keep('a' * 2_000_000)", Limit::HostMemory),
        (
            "try:\n    wait()\nexcept BaseException:\n    while True: pass",
            Limit::WaitDuration,
        ),
    ] {
        let error = in_time(session.feed(source).run()).await.expect_err(source);
        assert_eq!(error.limit(), Some(limit), "{source}: {error}");
        let report = session.feed("x").run().await?;
        assert_eq!(report.value.as_i64(), Some(42), "{source}");
    }
    Ok(())
}

/// Neither an import nor a wait keeps a run from being interrupted.
#[tokio::test]
async fn an_interrupt_ends_a_run_wherever_it_is() {
    for source in [
        "wait()",
        "import asyncio\nawait asyncio.sleep(60)",
        "import time\ntime.sleep(60)",
        "import slow",
        "open('/slow')",
    ] {
        let handle = InterruptHandle::new();
        let run = script(source)
            .host(Host::new().tools(&tools()).os(Slow).interrupt(&handle))
            .run();
        let interrupt = async {
            tokio::time::sleep(Duration::from_millis(30)).await;
            handle.interrupt();
            Instant::now()
        };
        let (result, interrupted) = in_time(async { tokio::join!(run, interrupt) }).await;
        let error = result.expect_err(source);
        assert_eq!(error.kind(), ErrorKind::Interrupted, "{source}: {error}");
        // Not a measurement: it would wait for a minute.
        assert!(interrupted.elapsed() < Duration::from_secs(5), "{source}");
    }
}

/// An operating system that never answers.
struct Slow;

#[async_trait]
impl Os for Slow {
    async fn open(&self, _: &str, _: monty_host::os::OpenMode) -> Result<(), ErrorCode> {
        std::future::pending().await
    }

    async fn sleep(&self, _: Duration) -> Result<(), ErrorCode> {
        std::future::pending().await
    }

    async fn import_module(&self, _: &str) -> Result<Value, ErrorCode> {
        std::future::pending().await
    }
}

/// A tool that runs a script when no instance is left would wait for ever.
#[tokio::test]
async fn a_run_inside_a_tool_of_a_run() {
    for instances in [1, 2, 3] {
        let monty = Monty::builder()
            .concurrent_runs(instances)
            .build()
            .expect("the interpreter starts");
        let error = in_time(nested(&monty, 3)).await.err();
        let message = error.map(|error| error.to_string());
        if instances == 3 {
            assert_eq!(message, None);
        } else {
            let message = message.expect("there is no instance for the innermost");
            assert!(
                message.contains("a tool waits for a run of its own"),
                "{message}"
            );
            assert!(message.contains("concurrent_runs"), "{message}");
        }
        // All instances are free again.
        in_time(nested(&monty, instances)).await.expect("they fit");
    }
}

/// A script whose tool runs a script whose tool …, `depth` of them.
fn nested(
    monty: &Monty,
    depth: u32,
) -> std::pin::Pin<Box<dyn Future<Output = Result<(), Error>> + Send>> {
    let monty = monty.clone();
    Box::pin(async move {
        let inner = monty.clone();
        let tools = Tools::new().async_function("inner", (), move || {
            let monty = inner.clone();
            async move { nested(&monty, depth - 1).await.map_err(ToolError::from) }
        });
        let source = if depth > 1 { "await inner()" } else { "1" };
        monty.script(source).host(&tools).run().await.map(drop)
    })
}

/// A run inside a tool waits for an instance that somebody else gives back.
#[tokio::test]
async fn a_run_inside_a_tool_waits_while_there_is_hope() {
    let monty = Monty::builder()
        .concurrent_runs(2)
        .build()
        .expect("the interpreter starts");
    let brief = Tools::new().function("brief", (), async || {
        tokio::time::sleep(Duration::from_millis(50)).await;
        Ok::<_, ToolError>(())
    });
    let other = monty.script("brief()").host(&brief).run();
    let (other, nested) = in_time(async { tokio::join!(other, nested(&monty, 2)) }).await;
    other.expect("it ends by itself");
    nested.expect("it gets the instance of the other one");
}

/// A payload whose drop panics too.
struct Grenade;

impl Drop for Grenade {
    fn drop(&mut self) {
        panic!("dropped");
    }
}

struct Panics;

#[async_trait]
impl ExternalCall for Panics {
    fn call(&self, call: Call) -> Reply {
        match call.name.as_str() {
            "now" => panic!("in a call"),
            "later" => Reply::later(async { panic!("in a future") }),
            "grenade" => std::panic::panic_any(Grenade),
            "awaitable" => Reply::awaitable(async { panic!("in a task") }),
            "awaitable_grenade" => Reply::awaitable(async {
                let answer: Answer = Ok(None);
                if answer.is_ok() {
                    std::panic::panic_any(Grenade);
                }
                answer
            }),
            _ => Reply::now(Ok(None)),
        }
    }

    async fn get_name(&self, _: &str, _: &SourceRange) -> Answer {
        panic!("in a name")
    }

    async fn get_attribute(&self, _: ObjectId, _: &str, _: &SourceRange) -> Answer {
        panic!("in an attribute")
    }
}

#[async_trait]
impl Os for Panics {
    async fn getenv(&self, _: &str) -> Result<Option<String>, ErrorCode> {
        panic!("in the system")
    }
}

impl Print for Panics {
    fn write(&mut self, _: Stream, _: &str) -> std::io::Result<()> {
        panic!("in a sink")
    }
}

/// Code of the host that panics ends the run that called it, and nothing else.
#[tokio::test]
async fn panics_of_the_host() {
    for (source, expected) in [
        ("now()", "the host panicked: in a call"),
        ("later()", "the host panicked: in a future"),
        ("grenade()", "the host panicked: no message"),
        ("name", "the host panicked: in a name"),
        (
            "import os\nos.getenv('HOME')",
            "the host panicked: in the system",
        ),
        ("print('x')", "the host panicked: in a sink"),
    ] {
        let run = script(source)
            .host(
                Host::new()
                    .external_call(Arc::new(Panics))
                    .os(Panics)
                    .print(Panics),
            )
            .run();
        let error = in_time(run).await.expect_err(source);
        assert_eq!(error.kind(), ErrorKind::Host, "{source}: {error}");
        assert_eq!(error.to_string(), expected, "{source}");
    }
    // In a pending call, a panic is its answer.
    for (source, expected) in [
        (
            "await awaitable()",
            "RuntimeError: the host panicked: in a task",
        ),
        (
            "await awaitable_grenade()",
            "RuntimeError: the host panicked: no message",
        ),
    ] {
        let run = script(source)
            .host(Host::new().external_call(Arc::new(Panics)))
            .run();
        let error = in_time(run).await.expect_err(source);
        assert_eq!(error.summary(), expected, "{source}");
    }
    let tools = Tools::new().function("grenade", (), || {
        std::panic::panic_any(Grenade);
        #[allow(unreachable_code, reason = "it tells the type")]
        Ok::<(), ToolError>(())
    });
    let error = in_time(script("grenade()").host(&tools).run()).await;
    let error = error.expect_err("it panics");
    assert_eq!(
        error.summary(),
        "RuntimeError: grenade() panicked: no message"
    );
}

/// A component of the same world may ask for anything.
#[tokio::test]
async fn settling_one_call_a_million_times() {
    use monty_host::embed::MontyCtx;
    use monty_host::embed::bindings::monty::sandbox::external_call::{
        Host as _, HostPendingCall as _, Reply,
    };
    use monty_host::embed::bindings::types::{Answer, CallRequest};
    use wasmtime::component::Resource;

    let tools = Tools::new().async_function("fetch", (), || Ok::<_, ToolError>(7));
    let mut context = MontyCtx::new(tools);
    let request = CallRequest {
        id: 0,
        name: "fetch".to_owned(),
        receiver: None,
        positional: vec![],
        keyword: vec![],
        graph: None,
        position: SourceRange {
            filename: String::new(),
            start: 0,
            end: 0,
        },
        awaited: false,
    };
    let reply = context.call(request).await.expect("no trap");
    let Reply::Pending(call) = reply else {
        panic!("it is async: {reply:?}");
    };
    let borrows = || (0..1_000_000).map(|_| Resource::new_borrow(call.rep()));
    let settled = context.settle(borrows().collect(), None).await;
    let settled = settled.expect("no trap");
    assert!(
        matches!(settled.as_slice(), [one] if matches!(one.answer, Answer::Value(_))),
        "{settled:?}"
    );
    // It cannot be waited for once more, or that would take for ever.
    let settled = context.settle(borrows().collect(), None).await;
    let settled = settled.expect("no trap");
    let [one] = settled.as_slice() else {
        panic!("{settled:?}");
    };
    let Answer::Raised(exception) = &one.answer else {
        panic!("{one:?}");
    };
    insta::assert_snapshot!(exception, @"RuntimeError: the call is over");
    context.drop(call).expect("it is there");
    let error = context.settle(Vec::new(), None).await;
    let error = error.expect_err("nothing could end it");
    insta::assert_snapshot!(error, @"`settle` was called without a call and without a timeout: it would never return");
}

/// A script that changes the stream with each character costs no more than the
/// text.
#[test]
fn prints_on_two_streams_in_turn() {
    use monty_host::Collect;

    let mut collect = Collect::new();
    for number in 0..1000 {
        let stream = [Stream::Stderr, Stream::Stdout, Stream::Stdout][number % 3];
        collect.write(stream, &format!("{number} ")).expect("kept");
    }
    collect
        .write(Stream::Stdout, &"long ".repeat(100_000))
        .expect("kept");
    collect.write(Stream::Stderr, "end").expect("kept");
    let printed = collect.take();
    let text: String = printed.pieces().map(|(_, text)| text).collect();
    assert_eq!(text, printed.to_string());
    assert!(
        printed
            .pieces()
            .zip(printed.pieces().skip(1))
            .all(|(a, b)| a.0 != b.0)
    );
    assert_eq!(printed.pieces().next(), Some((Stream::Stderr, "0 ")));
    assert_eq!(printed.pieces().last(), Some((Stream::Stderr, "end")));
    assert!(printed.on(Stream::Stdout).starts_with("1 2 4 5 "));
    assert!(printed.on(Stream::Stderr).starts_with("0 3 6 9 "));
    assert_eq!(
        printed.on(Stream::Stdout).len() + printed.on(Stream::Stderr).len(),
        text.len()
    );
    let swapped = {
        let mut collect = Collect::new();
        collect.write(Stream::Stdout, "a").expect("kept");
        collect.write(Stream::Stderr, "b").expect("kept");
        collect.take()
    };
    assert_eq!(
        swapped.pieces().collect::<Vec<_>>(),
        [(Stream::Stdout, "a"), (Stream::Stderr, "b")]
    );
}

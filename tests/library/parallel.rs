//! Async tools: several at once, shown by the order of events.

use std::sync::Arc;
use std::sync::atomic::{AtomicUsize, Ordering};
use std::time::Duration;

use async_trait::async_trait;
use monty_host::os::{ErrorCode, Os, SleepPolicy, System};
use monty_host::value::to_value;
use monty_host::{
    Answer, Call, ErrorKind, ExternalCall, Host, Limit, Limits, Reply, Report, SourceRange,
    ToolError, Tools, Value,
};
use tokio::sync::{Barrier, Notify, mpsc};

use crate::support::{
    Dropped, Log, assert_next_run_works, assert_snapshot, in_time, monty, script,
};

async fn run(tools: &Tools, source: &str) -> Report {
    in_time(script(source).host(tools).run())
        .await
        .expect("the script has a value")
}

/// A tool that every one of `calls` calls waits in until all have started.
fn meeting(calls: usize, log: &Log) -> Tools {
    let barrier = Arc::new(Barrier::new(calls));
    let log = log.clone();
    Tools::new().async_function("meet", ["n"], move |n: i64| {
        let (barrier, log) = (Arc::clone(&barrier), log.clone());
        async move {
            log.push("start");
            barrier.wait().await;
            log.push("end");
            Ok::<_, ToolError>(n * 10)
        }
    })
}

/// Tools with outcomes of all kinds, each after it let others go on.
fn outcomes() -> Tools {
    Tools::new()
        .async_function("double", ["n"], async |n: i64| {
            tokio::task::yield_now().await;
            Ok::<_, ToolError>(2 * n)
        })
        .async_function("fail", ["message"], async |message: String| {
            tokio::task::yield_now().await;
            Err::<(), _>(ToolError::key_error(message))
        })
        .async_function("never", (), async || {
            std::future::pending::<Result<(), ToolError>>().await
        })
        .function("triple", ["n"], |n: i64| Ok::<_, ToolError>(3 * n))
        .function("late_triple", ["n"], async |n: i64| {
            tokio::task::yield_now().await;
            Ok::<_, ToolError>(3 * n)
        })
}

/// The same tools, some of them with their own timeout.
fn with_timeout(tools: &Tools, names: &[&str], timeout: Duration) -> Tools {
    tools.iter().fold(Tools::new(), |timed, tool| {
        let tool = tool.clone();
        timed.tool(match names.contains(&tool.get_name()) {
            true => tool.timeout(timeout),
            false => tool,
        })
    })
}

/// What one tool may take is for whoever added it to say.
#[tokio::test]
async fn a_tool_with_a_time_of_its_own_has_more_of_it_than_others() {
    let slow = async || tokio::time::sleep(Duration::from_millis(150)).await;
    let tools = Tools::new()
        .async_function("awaited", (), slow)
        .function("plain", (), slow)
        .function("other", (), slow);
    let tools = with_timeout(&tools, &["awaited", "plain"], Duration::from_secs(60));
    let limits = Limits::default().with_call_duration(Duration::from_millis(20));
    let source = "\
plain()
await awaited()
try:
    other()
except TimeoutError as error:
    seen = str(error)
seen";
    let report = in_time(script(source).host(&tools).limits(limits).run()).await;
    let seen = report.expect("it ends").value.to_string();
    assert_eq!(seen, "'other() took longer than 20ms'");
}

#[tokio::test]
async fn all_calls_of_a_gather_start_before_one_ends() {
    let log = Log::new();
    let source = "import asyncio\nawait asyncio.gather(*[meet(n) for n in range(10)])";
    let report = run(&meeting(10, &log), source).await;
    let values: Vec<i64> = report.extract().expect("ints");
    assert_eq!(values, [0, 10, 20, 30, 40, 50, 60, 70, 80, 90]);
    let events = log.take();
    assert_eq!(&events[..10], ["start"; 10]);
    assert_eq!(&events[10..], ["end"; 10]);
}

#[tokio::test]
async fn coroutines_that_call_tools_run_side_by_side() {
    let log = Log::new();
    let source = "\
import asyncio
async def leaf(n):
    return await meet(n) + 1
async def branch(n):
    return sum(await asyncio.gather(leaf(n), leaf(n + 1)))
await asyncio.gather(branch(0), branch(10), meet(7))";
    let report = run(&meeting(5, &log), source).await;
    assert_eq!(report.value.to_string(), "[12, 212, 70]");
    assert_eq!(&log.take()[..5], ["start"; 5]);
}

#[tokio::test]
async fn a_call_starts_before_it_is_awaited() {
    let log = Log::new();
    let source = "a = meet(1)\nb = meet(2)\n(await b, await a)";
    let report = run(&meeting(2, &log), source).await;
    assert_eq!(report.value.to_string(), "(20, 10)");
}

#[tokio::test]
async fn calls_may_end_in_any_order() {
    // Each call ends once the next one has.
    const CALLS: usize = 8;
    let ended: Arc<[Notify]> = (0..=CALLS).map(|_| Notify::new()).collect();
    ended[CALLS].notify_one();
    let log = Log::new();
    let tools = {
        let log = log.clone();
        Tools::new().async_function("after_next", ["n"], move |n: usize| {
            let (ended, log) = (Arc::clone(&ended), log.clone());
            async move {
                ended[n + 1].notified().await;
                log.push(format!("end {n}"));
                ended[n].notify_one();
                Ok::<_, ToolError>(n)
            }
        })
    };
    let source = "\
import asyncio
seen = []
async def one(n):
    r = await after_next(n)
    seen.append(r)
    return r
r = await asyncio.gather(*[one(n) for n in range(8)])
(r, seen)";
    let report = run(&tools, source).await;
    let (results, mut seen): (Vec<usize>, Vec<usize>) = report.extract().expect("two lists");
    assert_eq!(results, [0, 1, 2, 3, 4, 5, 6, 7]);
    assert_eq!(log.take().first().map(String::as_str), Some("end 7"));
    seen.sort_unstable();
    assert_eq!(seen, results);
}

#[tokio::test]
async fn answers_reach_the_right_await() {
    let scripts = [
        "await double(4)",
        "a, b = double(1), double(2)\n[await b, await a]",
        "await asyncio.gather(double(1), triple_of(2), double(3))",
        "await asyncio.gather(double(1), asyncio.gather(double(2), asyncio.gather(double(3))))",
        "asyncio.run(double(5))",
        "await asyncio.gather()",
        "await fail('broken')",
        "await caught(fail('broken'))",
        "await asyncio.gather(caught(fail('a')), double(2), caught(fail('b')))",
        "await asyncio.gather(double(1), fail('first'), fail('second'))",
        "await caught(asyncio.gather(double(1), fail('first'), never()))",
        "await asyncio.gather(caught(asyncio.gather(fail('inner'), never())), double(2))",
        "await asyncio.gather(double(1), fail('x'), return_exceptions=True)",
        "[await double(n) for n in range(3)]",
        "{n: await double(n) for n in range(3)}",
        "d = double(3)\n[await d, await caught(d)]",
        "d = double(3)\nawait asyncio.gather(d, d)",
        "double(3)\n'not awaited'",
        "never()\n'not awaited'",
        "double(3) + 1",
        "await triple(2)",
        "await late_triple(2)",
        "[triple(2), await triple(2), late_triple(2), await late_triple(2), await double(2)]",
        "await double('two')",
        "await caught(double())",
        "double()",
        "await unknown(1)",
        "await asyncio.gather(double(1), unknown(1))",
    ];
    let prelude = "\
import asyncio
async def caught(awaitable):
    try:
        return await awaitable
    except Exception as e:
        return f'caught {type(e).__name__}: {e}'
async def triple_of(n):
    return triple(await double(n))
";
    let mut seen = String::new();
    for source in scripts {
        let ended = script(&format!("{prelude}{source}")).host(outcomes()).run();
        let shown = match in_time(ended).await {
            Ok(report) => report.value.to_string(),
            Err(error) => error.summary(),
        };
        seen.push_str(&format!("{source}\n    {shown}\n"));
    }
    assert_snapshot!("answers", seen);
}

#[tokio::test]
async fn a_traceback_leads_to_the_await() {
    let source = "\
import asyncio
async def work(n):
    return await fail(f'no {n}')
await asyncio.gather(double(1), work(2))";
    let error = in_time(script(source).host(outcomes()).run())
        .await
        .expect_err("it raises");
    assert_snapshot!("traceback", error);
}

#[tokio::test]
async fn other_code_of_a_gather_goes_on_after_one_failed() {
    let source = "\
import asyncio
done = []
async def work(n):
    done.append(await double(n))
async def guarded():
    try:
        await asyncio.gather(work(1), fail('x'))
    except KeyError:
        done.append('failed')
await asyncio.gather(guarded(), work(2), work(3))
sorted(done, key=str)";
    let report = run(&outcomes(), source).await;
    let seen = report.value.to_string();
    assert!(seen.contains("'failed'"), "{seen}");
    assert!(seen.contains('4') && seen.contains('6'), "{seen}");
}

#[tokio::test]
async fn a_sync_tool_runs_while_async_ones_are_under_way() {
    let log = Log::new();
    let released = Arc::new(Notify::new());
    let tools = {
        let (started, open) = (log.clone(), log.clone());
        let waiting = Arc::clone(&released);
        Tools::new()
            .async_function("wait", (), move || {
                let (log, released) = (started.clone(), Arc::clone(&waiting));
                async move {
                    released.notified().await;
                    log.push("wait ended");
                    Ok::<_, ToolError>("waited")
                }
            })
            .function("release", (), move || {
                open.push("release");
                released.notify_one();
                Ok::<_, ToolError>("released")
            })
    };
    let report = run(&tools, "w = wait()\n[release(), await w]").await;
    assert_eq!(report.value.to_string(), "['released', 'waited']");
    assert_eq!(log.take(), ["release", "wait ended"]);
}

/// An operating system that counts sleeps, and lets them be over at once.
#[derive(Default)]
struct CountSleeps(AtomicUsize);

#[async_trait]
impl Os for CountSleeps {
    async fn sleep(&self, _duration: Duration) -> Result<(), ErrorCode> {
        self.0.fetch_add(1, Ordering::Relaxed);
        Ok(())
    }
}

const SLEEPERS: &str = "\
import asyncio
order = []
async def sleeper(name, seconds):
    await asyncio.sleep(seconds)
    order.append(name)
";

#[tokio::test]
async fn sleeps_end_in_the_order_of_their_ends() {
    let system = System::new().sleep_policy(SleepPolicy::Skip);
    let source = format!(
        "{SLEEPERS}await asyncio.gather(sleeper('c', 300), sleeper('a', 100), sleeper('b', 200))\norder"
    );
    let report = in_time(script(&source).host(Host::new().os(system)).run())
        .await
        .expect("it sleeps");
    assert_eq!(report.value.to_string(), "['a', 'b', 'c']");

    let system = System::new().sleep_policy(SleepPolicy::Wait {
        total: Duration::from_secs(1),
    });
    let source = format!(
        "{SLEEPERS}await asyncio.gather(sleeper('c', 0.09), sleeper('a', 0.03), sleeper('b', 0.06))\norder"
    );
    let report = in_time(script(&source).host(Host::new().os(system)).run())
        .await
        .expect("it sleeps");
    assert_eq!(report.value.to_string(), "['a', 'b', 'c']");
}

#[tokio::test]
async fn many_sleeps_at_once_are_one_wait() {
    let os = Arc::new(CountSleeps::default());
    let source = format!(
        "{SLEEPERS}await asyncio.gather(*[sleeper(n, 1000) for n in range(500)])\nlen(order)"
    );
    let report = in_time(
        script(&source)
            .host(Host::new().shared_os(os.clone()))
            .run(),
    )
    .await
    .expect("it sleeps");
    assert_eq!(report.value.as_i64(), Some(500));
    // All 500 started within the same moment: few waits end them.
    let waits = os.0.load(Ordering::Relaxed);
    assert!((1..=500).contains(&waits), "{waits} waits");
}

#[tokio::test]
async fn sleeps_of_no_time() {
    let os = Arc::new(CountSleeps::default());
    let source = format!(
        "{SLEEPERS}await asyncio.gather(*[sleeper(n, 0) for n in range(50)])\nawait asyncio.sleep(-1)\nawait asyncio.sleep(0, 'result')"
    );
    let report = in_time(
        script(&source)
            .host(Host::new().shared_os(os.clone()))
            .run(),
    )
    .await
    .expect("it sleeps");
    assert_eq!(report.value.to_string(), "'result'");
}

#[tokio::test]
async fn a_sleep_lets_tools_go_on() {
    // The tool ends after the sleep of another coroutine is over: were they
    // one after the other, neither would end.
    let slept = Arc::new(Notify::new());
    let tools = {
        let (waiting, telling) = (Arc::clone(&slept), slept);
        Tools::new()
            .async_function("until_slept", (), move || {
                let slept = Arc::clone(&waiting);
                async move {
                    slept.notified().await;
                    Ok::<_, ToolError>(())
                }
            })
            .function("tell", (), move || {
                telling.notify_one();
                Ok::<_, ToolError>(())
            })
    };
    let source = "\
import asyncio
order = []
async def sleeper(seconds):
    await asyncio.sleep(seconds)
    order.append('slept')
    tell()
async def worker():
    await until_slept()
    order.append('worked')
";
    for (policy, seconds) in [
        (SleepPolicy::Skip, 3600.0),
        (SleepPolicy::default(), 0.02),
        (SleepPolicy::default(), 0.0),
    ] {
        let source = format!("{source}await asyncio.gather(worker(), sleeper({seconds}))\norder");
        let system = System::new().sleep_policy(policy);
        let report = in_time(
            script(&source)
                .host(Host::new().tools(&tools).os(system))
                .run(),
        )
        .await
        .expect("it ends");
        assert_eq!(report.value.to_string(), "['slept', 'worked']");
    }
}

#[tokio::test]
async fn a_sleep_that_is_cut_short_counts_for_what_it_slept() {
    // Each answer wakes the script in the middle of one sleep.
    let next = Arc::new(Notify::new());
    let tools = {
        let next = Arc::clone(&next);
        Tools::new().async_function("tick", (), move || {
            let next = Arc::clone(&next);
            async move {
                next.notify_one();
                tokio::task::yield_now().await;
                Ok::<_, ToolError>(())
            }
        })
    };
    let system = System::new().sleep_policy(SleepPolicy::Wait {
        total: Duration::from_secs(5),
    });
    let source = "\
import asyncio
async def ticks():
    for _ in range(200):
        await tick()
await asyncio.gather(asyncio.sleep(0.5), ticks())
'slept'";
    let report = in_time(
        script(source)
            .host(Host::new().tools(&tools).os(system))
            .run(),
    )
    .await
    .expect("half a second is within five");
    assert_eq!(report.value.as_str(), Some("slept"));
}

/// Counts how often the script is asked for, and by which means.
struct Slow {
    tools: Tools,
    calls: AtomicUsize,
}

impl ExternalCall for Slow {
    fn call(&self, call: Call) -> Reply {
        self.calls.fetch_add(1, Ordering::Relaxed);
        self.tools.call(call)
    }
}

#[tokio::test]
async fn a_wait_does_not_spin() {
    let (send, mut receive) = mpsc::unbounded_channel::<()>();
    let release = Arc::new(Notify::new());
    let tools = {
        let release = Arc::clone(&release);
        Tools::new().async_function("held", (), move || {
            let (send, release) = (send.clone(), Arc::clone(&release));
            async move {
                send.send(()).expect("the test listens");
                release.notified().await;
                Ok::<_, ToolError>(7)
            }
        })
    };
    let external = Arc::new(Slow {
        tools,
        calls: AtomicUsize::new(0),
    });
    let os = Arc::new(CountSleeps::default());
    let source = "\
import asyncio
async def sleeper():
    await asyncio.sleep(3600)
(await asyncio.gather(held(), sleeper()))[0]";
    let running = script(source)
        .host(
            Host::new()
                .external_call(external.clone())
                .shared_os(os.clone()),
        )
        .run();
    let holder = async {
        receive.recv().await.expect("the tool starts");
        // Let the script wait for a while.
        for _ in 0..1000 {
            tokio::task::yield_now().await;
        }
        release.notify_one();
    };
    let (report, ()) = in_time(async { tokio::join!(running, holder) }).await;
    assert_eq!(report.expect("it ends").value.as_i64(), Some(7));
    assert_eq!(external.calls.load(Ordering::Relaxed), 1);
    let waits = os.0.load(Ordering::Relaxed);
    assert!(waits <= 2, "{waits} waits for one sleep");
}

#[tokio::test]
async fn python_time_stands_still_while_tools_work() {
    let tools = Tools::new().async_function("work", (), async || {
        tokio::time::sleep(Duration::from_millis(300)).await;
        Ok::<_, ToolError>(())
    });
    let source = "import asyncio\nawait asyncio.gather(work(), work())\n1";
    let limits = Limits::default()
        .with_duration(Duration::from_millis(250))
        .with_grace(Duration::ZERO);
    let report = in_time(script(source).host(&tools).limits(limits).run())
        .await
        .expect("it waits and does not work");
    assert!(report.statistics.wait_time >= Duration::from_millis(290));
}

#[tokio::test]
async fn too_many_calls_at_a_time() {
    let limits = Limits::default().with_concurrent_calls(3);
    let source = "import asyncio\nawait asyncio.gather(*[never() for _ in range(4)])";
    let error = in_time(script(source).host(outcomes()).limits(limits.clone()).run())
        .await
        .expect_err("four are one too many");
    assert_eq!(error.kind(), ErrorKind::Limit);
    assert_eq!(error.limit(), Some(Limit::ConcurrentCalls));
    assert_eq!(
        error.to_string(),
        "call limit exceeded: more than 3 calls at a time"
    );

    // Sequential calls are not concurrent, however many.
    let source = "\
import asyncio
for n in range(10):
    await asyncio.gather(double(1), double(2), double(n))
n";
    let report = in_time(script(source).host(outcomes()).limits(limits).run())
        .await
        .expect("three at a time are allowed");
    assert_eq!(report.value.as_i64(), Some(9));
}

/// An answer is kept until the script takes it, so a call counts until then,
/// whether or not it is answered.
#[tokio::test]
async fn calls_count_until_they_are_awaited() {
    // `pause` lets the calls end without the script having awaited them.
    let tools = outcomes().function("pause", (), async || {
        for _ in 0..100 {
            tokio::task::yield_now().await;
        }
        Ok::<_, ToolError>(())
    });
    let run = async |source: &str| {
        let limits = Limits::default().with_concurrent_calls(1);
        in_time(script(source).host(&tools).limits(limits).run()).await
    };
    let source = "\
answers = []
for n in range(10):
    call = double(n)
    pause()
    answers.append(await call)
answers";
    let report = run(source).await.expect("one at a time");
    assert_eq!(
        report.value.to_string(),
        "[0, 2, 4, 6, 8, 10, 12, 14, 16, 18]"
    );
    let error = run("first = double(1)\npause()\nsecond = double(2)").await;
    let error = error.expect_err("the answer to the first is kept");
    assert_eq!(error.limit(), Some(Limit::ConcurrentCalls), "{error}");
}

const TIMEOUTS: &str = "\
import asyncio
async def caught(awaitable):
    try:
        return await awaitable
    except TimeoutError as e:
        return f'caught: {e}'
";

#[tokio::test]
async fn a_call_that_takes_too_long_is_a_timeout_error() {
    let slow = outcomes().function("stuck", (), async || {
        std::future::pending::<Result<(), ToolError>>().await
    });
    let short = Duration::from_millis(20);
    let one_tool = with_timeout(&slow, &["never", "stuck"], short);
    let sources = [
        "await caught(never())",
        "await asyncio.gather(double(1), caught(never()), double(2))",
        "try:\n    stuck()\nexcept TimeoutError as e:\n    r = f'caught: {e}'\nr",
    ];
    for source in sources {
        let source = format!("{TIMEOUTS}{source}");
        let by_tool = run(&one_tool, &source).await.value.to_string();
        let limits = Limits::default().with_call_duration(short);
        let by_limit = in_time(script(&source).host(&slow).limits(limits).run())
            .await
            .expect("it is caught")
            .value
            .to_string();
        assert_eq!(by_tool, by_limit);
        assert!(by_tool.contains("() took longer than 20ms"), "{by_tool}");
    }
    let error = in_time(script("await never()").host(&one_tool).run())
        .await
        .expect_err("it is not caught");
    assert_eq!(error.kind(), ErrorKind::Script);
    assert_eq!(error.exception().expect("raised").type_name, "TimeoutError");
}

/// A tool that never ends and tells when it starts and when it is cancelled.
fn held() -> (Tools, mpsc::UnboundedReceiver<&'static str>) {
    let (send, receive) = mpsc::unbounded_channel();
    let tools = outcomes().async_function("held", (), move || {
        let guard = Dropped::new(send.clone());
        async move {
            guard.tell("started");
            std::future::pending::<Result<(), ToolError>>().await
        }
    });
    (tools, receive)
}

#[tokio::test]
async fn dropping_a_run_cancels_its_tools() {
    let (tools, mut events) = held();
    let source = "import asyncio\nawait asyncio.gather(held(), held())";
    let run = tokio::spawn(script(source).host(&tools).run());
    in_time(async {
        assert_eq!(events.recv().await, Some("started"));
        assert_eq!(events.recv().await, Some("started"));
        run.abort();
        assert_eq!(events.recv().await, Some("dropped"));
        assert_eq!(events.recv().await, Some("dropped"));
    })
    .await;
    assert!(run.await.expect_err("it was cancelled").is_cancelled());
}

#[tokio::test]
async fn tools_under_way_at_the_end_are_cancelled() {
    let (tools, mut events) = held();
    // Until the tool has started, and is in the middle.
    let tools = tools.function("pause", (), async || {
        tokio::time::sleep(Duration::from_millis(1)).await;
        Ok::<_, ToolError>(())
    });
    for (source, ends_well) in [
        ("held()\npause()\n'done'", true),
        ("held()\npause()\n1 / 0", false),
        (
            "import asyncio\nawait asyncio.gather(held(), fail('x'))",
            false,
        ),
    ] {
        let ended = in_time(script(source).host(&tools).run()).await;
        assert_eq!(ended.is_ok(), ends_well, "{source}");
        in_time(async { while events.recv().await.expect("the tool tells") != "dropped" {} }).await;
    }
}

#[tokio::test]
async fn a_tool_of_a_session_is_cancelled_at_the_end_of_its_feed() {
    let (tools, mut events) = held();
    let mut session = monty()
        .session()
        .host(&tools)
        .open()
        .await
        .expect("it opens");
    let source = "import asyncio\nasync def f():\n    return held()\nx = await f()\n1";
    in_time(session.feed(source).run())
        .await
        .expect("the feed ends");
    drop(tools);
    in_time(async {
        let first = events.recv().await;
        if first == Some("started") {
            assert_eq!(events.recv().await, Some("dropped"));
        } else {
            assert_eq!(first, Some("dropped"));
        }
    })
    .await;
}

#[tokio::test]
async fn a_panicking_async_tool() {
    let tools = Tools::new()
        .async_function("at_once", ["n"], |n: i64| {
            assert!(n < 0, "at once");
            async move { Ok::<_, ToolError>(n) }
        })
        .async_function("later", ["n"], async |n: i64| {
            tokio::task::yield_now().await;
            assert!(n < 0, "later");
            Ok::<_, ToolError>(n)
        });
    let source = "\
import asyncio
async def caught(name, n):
    try:
        return await (at_once(n) if name == 'at_once' else later(n))
    except RuntimeError as e:
        return str(e)
await asyncio.gather(caught('at_once', 1), caught('later', 2), caught('later', -3))";
    let report = run(&tools, source).await;
    assert_eq!(
        report.value.to_string(),
        "['at_once() panicked: at once', 'later() panicked: later', -3]"
    );
}

/// Polls without a tokio runtime.
fn without_runtime<F: Future>(future: F) -> F::Output {
    struct Unpark(std::thread::Thread);
    impl std::task::Wake for Unpark {
        fn wake(self: Arc<Self>) {
            self.0.unpark();
        }
    }
    let waker = Arc::new(Unpark(std::thread::current())).into();
    let mut context = std::task::Context::from_waker(&waker);
    let mut future = std::pin::pin!(future);
    loop {
        match future.as_mut().poll(&mut context) {
            std::task::Poll::Ready(output) => return output,
            std::task::Poll::Pending => std::thread::park_timeout(Duration::from_secs(1)),
        }
    }
}

#[test]
fn an_async_tool_without_a_runtime() {
    let shown = |tools: &Tools, source: &str, limits: Limits| match without_runtime(
        script(source).host(tools).limits(limits).run(),
    ) {
        Ok(report) => report.value.to_string(),
        Err(error) => error.to_string(),
    };
    let limits = Limits::default;
    assert_eq!(shown(&outcomes(), "triple(1)", limits()), "3");
    assert_eq!(shown(&outcomes(), "late_triple(1)", limits()), "3");
    let timed = limits().with_call_duration(Duration::from_secs(1));
    assert_snapshot!(
        "without-a-runtime",
        [
            shown(&outcomes(), "await double(1)", limits()),
            shown(&outcomes(), "late_triple(1)", timed),
            shown(
                &with_timeout(&outcomes(), &["late_triple"], Duration::from_secs(1)),
                "late_triple(1)",
                limits()
            ),
        ]
        .join("\n")
    );
    assert_next_run_works();
}

#[test]
fn run_blocking_runs_async_tools() {
    let log = Log::new();
    let source = "import asyncio\nawait asyncio.gather(meet(1), meet(2))";
    let report = script(source)
        .host(meeting(2, &log))
        .run_blocking()
        .expect("it has a runtime");
    assert_eq!(report.value.to_string(), "[10, 20]");
}

/// Answers later, by the host's own means and not by those of [`Tools`].
struct Own;

#[async_trait]
impl ExternalCall for Own {
    fn call(&self, call: Call) -> Reply {
        let value: Value = to_value(&call.name).expect("text has a form");
        match call.name.as_str() {
            "now" => Reply::now(Ok(Some(value))),
            "later" => Reply::later(std::future::ready(Ok(Some(value)))),
            "nothing" => Reply::awaitable(std::future::ready(Ok(None))),
            _ => Reply::awaitable(async move {
                tokio::task::yield_now().await;
                Ok(Some(value))
            }),
        }
    }

    async fn get_name(&self, name: &str, _: &SourceRange) -> Answer {
        tokio::task::yield_now().await;
        Ok(Some(Value::function(name, None)))
    }
}

#[tokio::test]
async fn replies_of_each_kind() {
    let source = "\
import asyncio
seen = [now(), await now(), later(), await later(), await awaitable()]
f = looked_up
seen.append(await asyncio.gather(f(), awaitable()))
try:
    await nothing()
except NameError as e:
    seen.append(str(e))
seen";
    let report = in_time(
        script(source)
            .host(Host::new().external_call(Arc::new(Own)))
            .run(),
    )
    .await
    .expect("it ends");
    assert_eq!(
        report.value.to_string(),
        "['now', 'now', 'later', 'later', 'awaitable', ['looked_up', 'awaitable'], \"name 'nothing' is not defined\"]"
    );
}

//! Runs that are stopped from outside, and instances that others wait for.

use std::future::Future;
use std::task::Poll;
use std::time::Duration;

use monty_host::os::{SleepPolicy, System};
use monty_host::{
    Answers, ErrorKind, Host, InterruptHandle, Limits, Monty, Progress, Script, Session, ToolError,
    Tools, WhenFull,
};
use tokio::sync::mpsc::{self, UnboundedReceiver};

use crate::support::{Dropped, Log, assert_snapshot, in_time, monty, script};

/// An interpreter with one instance.
fn one() -> Monty {
    many(1, WhenFull::Wait)
}

fn many(runs: u32, when_full: WhenFull) -> Monty {
    Monty::builder()
        .concurrent_runs(runs)
        .when_full(when_full)
        .build()
        .expect("the interpreter starts")
}

/// Tools that never answer, and `started`, which tells that a script is where
/// it is stopped.
fn stuck() -> (Tools, UnboundedReceiver<&'static str>) {
    let (send, receive) = mpsc::unbounded_channel();
    let (in_call, in_await) = (send.clone(), send.clone());
    let tools = Tools::new()
        .function("started", (), move || {
            // A test that no longer listens is over.
            let _ = send.send("started");
            Ok::<_, ToolError>(())
        })
        .function("waits", (), move || {
            let guard = Dropped::new(in_call.clone());
            async move {
                guard.tell("started");
                std::future::pending::<Result<(), ToolError>>().await
            }
        })
        .async_function("awaits", (), move || {
            let guard = Dropped::new(in_await.clone());
            async move {
                guard.tell("started");
                std::future::pending::<Result<(), ToolError>>().await
            }
        })
        .async_function("soon", (), async || {
            tokio::task::yield_now().await;
            Ok::<_, ToolError>(())
        })
        .function("ask", (), || Err::<(), _>(ToolError::suspend()));
    (tools, receive)
}

/// Scripts that do not end, and how many of their tools are running then.
const ENDLESS: &[(&str, usize)] = &[
    ("started()\nwhile True: pass", 0),
    (
        "started()\nwhile True:\n    x = [n for n in range(1000)]",
        0,
    ),
    (
        "started()\nwhile True:\n    try:\n        while True: pass\n    except BaseException:\n        pass",
        0,
    ),
    ("import itertools\nstarted()\nsum(itertools.repeat(1))", 0),
    ("waits()", 1),
    (
        "while True:\n    try:\n        waits()\n    except BaseException:\n        pass",
        1,
    ),
    ("await awaits()", 1),
    (
        "import asyncio\nawait asyncio.gather(awaits(), awaits(), soon())",
        2,
    ),
    (
        "import asyncio\nasync def f():\n    while True:\n        try:\n            await awaits()\n        except BaseException:\n            pass\nawait f()",
        1,
    ),
    ("import time\nstarted()\ntime.sleep(3600)", 0),
    ("import asyncio\nstarted()\nawait asyncio.sleep(3600)", 0),
    (
        "import asyncio\nawait asyncio.gather(asyncio.sleep(3600), awaits())",
        1,
    ),
    (
        "import time\nstarted()\nwhile True:\n    try:\n        time.sleep(3600)\n    except BaseException:\n        pass",
        0,
    ),
    (
        "import asyncio\nasync def spin():\n    while True:\n        await asyncio.sleep(0)\nawait asyncio.gather(awaits(), spin())",
        1,
    ),
];

/// Runs without an end of their own.
fn endless(script: Script, host: impl Into<Host>) -> Script {
    script.host(host.into().os(patient())).limits(unlimited())
}

fn patient() -> System {
    System::new().sleep_policy(SleepPolicy::Wait {
        total: Duration::MAX,
    })
}

fn unlimited() -> Limits {
    Limits::unlimited()
}

async fn events(receive: &mut UnboundedReceiver<&'static str>, event: &str, count: usize) {
    for _ in 0..count {
        assert_eq!(receive.recv().await, Some(event));
    }
}

#[tokio::test]
async fn dropping_a_run_stops_it_and_frees_its_instance() {
    let monty = one();
    for &(source, under_way) in ENDLESS {
        let (tools, mut receive) = stuck();
        let run = tokio::spawn(endless(monty.script(source), &tools).run());
        in_time(async {
            events(&mut receive, "started", under_way.max(1)).await;
            run.abort();
            assert!(run.await.expect_err("it was dropped").is_cancelled());
            events(&mut receive, "dropped", under_way).await;
            let report = monty.script("1 + 1").run().await.expect("it has room");
            assert_eq!(report.value.as_i64(), Some(2), "{source}");
        })
        .await;
    }
}

/// Interrupts from a thread once a script has reached the point at which it is
/// stopped.
fn interrupt_when_started(
    mut receive: UnboundedReceiver<&'static str>,
    count: usize,
    handle: InterruptHandle,
) -> std::thread::JoinHandle<()> {
    std::thread::spawn(move || {
        for _ in 0..count {
            assert_eq!(receive.blocking_recv(), Some("started"));
        }
        handle.interrupt();
    })
}

#[tokio::test]
async fn an_interrupt_stops_a_script_wherever_it_is() {
    for &(source, under_way) in ENDLESS {
        let (tools, receive) = stuck();
        let handle = InterruptHandle::new();
        let thread = interrupt_when_started(receive, under_way.max(1), handle.clone());
        let run = endless(script(source), Host::from(&tools).interrupt(&handle)).run();
        let error = in_time(run).await.expect_err("it has no end");
        assert_eq!(error.kind(), ErrorKind::Interrupted, "{source}\n{error}");
        assert_eq!(error.to_string(), "the run was interrupted");
        assert!(error.statistics().is_some());
        thread.join().expect("it waited for the start");
    }
}

#[tokio::test]
async fn an_interrupt_leaves_a_session_with_what_it_defined() {
    let (tools, _receive) = stuck();
    let mut session = monty()
        .session()
        .host(Host::new().tools(&tools).os(patient()))
        .limits(unlimited())
        .open()
        .await
        .expect("it opens");
    in_time(session.feed("count = 0").run())
        .await
        .expect("it runs");
    for (index, &(source, under_way)) in ENDLESS.iter().enumerate() {
        let (tools, receive) = stuck();
        let snapshot = session.dump().await.expect("it is idle");
        let mut session = monty()
            .session()
            .host(Host::new().tools(&tools).os(patient()))
            .restore(&snapshot)
            .await
            .expect("it is whole");
        let handle = session.interrupt_handle();
        let thread = interrupt_when_started(receive, under_way.max(1), handle);
        let source = format!("count += {index}\n{source}");
        let error = in_time(session.feed(&source).run())
            .await
            .expect_err("it has no end");
        assert_eq!(error.kind(), ErrorKind::Interrupted, "{source}\n{error}");
        thread.join().expect("it waited for the start");
        let report = in_time(session.feed("count").run())
            .await
            .unwrap_or_else(|ended| panic!("{source}\n{ended}"));
        assert_eq!(report.value.as_i64(), Some(index as i64), "{source}");
    }
}

#[tokio::test]
async fn an_interrupt_of_nothing_is_forgotten() {
    let handle = InterruptHandle::new();
    handle.interrupt();
    for _ in 0..2 {
        let report = in_time(
            script("sum(range(1000))")
                .host(Host::new().interrupt(&handle))
                .run(),
        )
        .await
        .expect("nothing ran when it came");
        assert_eq!(report.value.as_i64(), Some(499_500));
        handle.interrupt();
    }
    let mut session = monty().session().open().await.expect("it opens");
    session.interrupt_handle().interrupt();
    let report = in_time(session.feed("sum(range(1000))").run())
        .await
        .expect("nothing ran when it came");
    assert_eq!(report.value.as_i64(), Some(499_500));
    session.interrupt_handle().interrupt();
    session.dump().await.expect("nothing ran when it came");
    session.park().await;
    in_time(session.feed("1").run())
        .await
        .expect("nothing ran when it came");
}

#[tokio::test]
async fn one_handle_stops_many() {
    let handle = InterruptHandle::new();
    let (tools, receive) = stuck();
    let thread = interrupt_when_started(receive, 10, handle.clone());
    let runs: Vec<_> = (0..10)
        .map(|n| {
            let source = if n % 2 == 0 {
                "started()\nwhile True: pass"
            } else {
                "await awaits()"
            };
            tokio::spawn(endless(script(source), Host::from(&tools).interrupt(&handle)).run())
        })
        .collect();
    for run in runs {
        let error = in_time(run)
            .await
            .expect("it ran")
            .expect_err("it has no end");
        assert_eq!(error.kind(), ErrorKind::Interrupted);
    }
    thread.join().expect("it waited for the start");
}

#[tokio::test]
async fn an_interrupt_of_a_run_that_waits_for_an_instance() {
    let monty = one();
    let (tools, mut receive) = stuck();
    let holder = tokio::spawn(endless(monty.script("waits()"), &tools).run());
    in_time(events(&mut receive, "started", 1)).await;

    let handle = InterruptHandle::new();
    let mut waiting = Box::pin(monty.script("1").host(Host::new().interrupt(&handle)).run());
    assert!(poll_once(&mut waiting).await.is_pending());
    handle.interrupt();
    let error = in_time(waiting).await.expect_err("it never began");
    assert_eq!(error.kind(), ErrorKind::Interrupted);
    holder.abort();
}

#[tokio::test(flavor = "multi_thread", worker_threads = 2)]
async fn shutting_down_ends_a_thousand_runs() {
    // As many runs with an instance as waiting for one.
    let monty = many(500, WhenFull::Wait);
    let (tools, mut receive) = stuck();
    let runs: Vec<_> = (0..1000)
        .map(|n| {
            let source = match n % 50 {
                0 => "started()\nwhile True: pass",
                1 => "started()\nimport time\ntime.sleep(3600)",
                n if n % 2 == 0 => "await awaits()",
                _ => "waits()",
            };
            tokio::spawn(endless(monty.script(source), &tools).run())
        })
        .collect();
    in_time(events(&mut receive, "started", 500)).await;
    let mut session = monty.session();
    session = session.host(&tools);
    monty.shut_down();
    for run in runs {
        let error = in_time(run)
            .await
            .expect("it ran")
            .expect_err("it has no end");
        assert_eq!(error.kind(), ErrorKind::Interrupted, "{error}");
        assert_eq!(error.to_string(), "the interpreter was shut down");
    }
    let error = monty.script("1").run().await.expect_err("nothing begins");
    assert_eq!(error.kind(), ErrorKind::Interrupted);
    let error = session.open().await.expect_err("nothing begins");
    assert_eq!(error.kind(), ErrorKind::Interrupted);
}

#[tokio::test]
async fn an_idle_session_ends_when_all_is_shut_down() {
    let monty = many(2, WhenFull::Wait);
    let mut live = monty.session().open().await.expect("it opens");
    let mut parked = monty.session().open().await.expect("it opens");
    parked.park().await;
    monty.shut_down();
    for session in [&mut live, &mut parked] {
        let error = in_time(session.feed("1").run())
            .await
            .expect_err("nothing begins");
        assert_eq!(error.kind(), ErrorKind::Interrupted, "{error}");
    }
}

#[tokio::test]
async fn a_run_without_an_instance_is_refused_or_waits() {
    for when_full in [WhenFull::Refuse, WhenFull::Wait] {
        let monty = many(1, when_full);
        let (tools, mut receive) = stuck();
        let holder = tokio::spawn(endless(monty.script("waits()"), &tools).run());
        in_time(events(&mut receive, "started", 1)).await;
        let log = Log::new();
        let noting = {
            let log = log.clone();
            Tools::new().function("note", (), move || {
                log.push("second");
                Ok::<_, ToolError>(())
            })
        };
        let mut second = Box::pin(monty.script("note()").host(&noting).run());
        match poll_once(&mut second).await {
            Poll::Ready(refused) => {
                assert_eq!(when_full, WhenFull::Refuse);
                let error = refused.expect_err("there is no room");
                assert_eq!(error.kind(), ErrorKind::Busy);
                assert_snapshot!("busy", error);
                let error = monty.session().open().await.expect_err("there is no room");
                assert_eq!(error.kind(), ErrorKind::Busy);
                holder.abort();
                assert!(holder.await.is_err());
                in_time(monty.script("1").run())
                    .await
                    .expect("there is room");
            }
            Poll::Pending => {
                assert_eq!(when_full, WhenFull::Wait);
                log.push("first ends");
                holder.abort();
                in_time(second).await.expect("there is room");
                assert_eq!(log.take(), ["first ends", "second"]);
            }
        }
    }
}

async fn poll_once<F: Future + Unpin>(future: &mut F) -> Poll<F::Output> {
    std::future::poll_fn(|context| Poll::Ready(std::pin::Pin::new(&mut *future).poll(context)))
        .await
}

async fn value(session: &mut Session, source: &str) -> Option<i64> {
    in_time(session.feed(source).run())
        .await
        .expect("the session goes on")
        .value
        .as_i64()
}

#[tokio::test]
async fn idle_sessions_give_up_their_instance() {
    for when_full in [WhenFull::Refuse, WhenFull::Wait] {
        let monty = many(2, when_full);
        let mut sessions = Vec::new();
        for n in 0..6 {
            let mut session = in_time(monty.session().open()).await.expect("it opens");
            assert_eq!(value(&mut session, &format!("n = {n}\nn")).await, Some(n));
            sessions.push(session);
        }
        for round in 1..4 {
            for (n, session) in (0..).zip(&mut sessions) {
                let expected = n + round;
                assert_eq!(value(session, "n += 1\nn").await, Some(expected));
            }
            in_time(monty.script("1").run()).await.expect("it has room");
        }
        for session in &mut sessions {
            in_time(session.dump()).await.expect("it is idle");
            in_time(session.functions()).await.expect("it is idle");
        }
        in_time(monty.script("1").run()).await.expect("it has room");
    }
}

#[tokio::test]
async fn a_suspended_session_gives_up_its_instance() {
    let monty = one();
    let (tools, _receive) = stuck();
    let mut session = monty.session().host(&tools).open().await.expect("it opens");
    let progress = in_time(session.feed("x = 1\nask() + x").start()).await;
    let Ok(Progress::Suspended(suspension)) = progress else {
        panic!("it asks: {progress:?}");
    };
    in_time(monty.script("1").run()).await.expect("it has room");
    assert!(session.is_suspended());
    let answers = Answers::new()
        .value(suspension.calls[0].id, 41)
        .expect("an int has a form");
    let report = in_time(session.resume(answers).run())
        .await
        .expect("it goes on");
    assert_eq!(report.value.as_i64(), Some(42));
}

#[tokio::test]
async fn who_waits_gets_the_instance_of_a_session_that_becomes_idle() {
    let monty = one();
    let (release, released) = mpsc::unbounded_channel::<()>();
    let released = std::sync::Arc::new(tokio::sync::Mutex::new(released));
    let tools = Tools::new().function("hold", (), move || {
        let released = std::sync::Arc::clone(&released);
        async move {
            released.lock().await.recv().await;
            Ok::<_, ToolError>(5)
        }
    });
    let mut session = monty.session().host(&tools).open().await.expect("it opens");
    let mut feed = Box::pin(session.feed("x = hold()\nx").run());
    assert!(poll_once(&mut feed).await.is_pending());
    let mut run = Box::pin(monty.script("1").run());
    assert!(poll_once(&mut run).await.is_pending());
    release.send(()).expect("the tool listens");
    let (report, other) = in_time(async { tokio::join!(feed, run) }).await;
    assert_eq!(report.expect("it ends").value.as_i64(), Some(5));
    other.expect("it has room");
    assert_eq!(value(&mut session, "x").await, Some(5));
}

#[tokio::test]
async fn who_stops_waiting_takes_nothing_along() {
    let monty = one();
    // Large enough that writing it takes more than an epoch.
    let mut session = monty.session().open().await.expect("it opens");
    let large = "xs = [str(n) for n in range(200_000)]\nlen(xs)";
    assert_eq!(value(&mut session, large).await, Some(200_000));
    // A run that wants the session's instance, and is dropped meanwhile.
    let mut run = Box::pin(monty.script("1").run());
    drop((poll_once(&mut run).await, run));
    assert_eq!(value(&mut session, "len(xs)").await, Some(200_000));

    // A session that waits for an instance, and is dropped meanwhile.
    session.park().await;
    let (tools, mut receive) = stuck();
    let holder = tokio::spawn(endless(monty.script("waits()"), &tools).run());
    in_time(events(&mut receive, "started", 1)).await;
    let mut feed = Box::pin(session.feed("len(xs)").run());
    assert!(poll_once(&mut feed).await.is_pending());
    drop(feed);
    holder.abort();
    assert_eq!(value(&mut session, "len(xs)").await, Some(200_000));
}

#[tokio::test]
async fn a_session_ends_with_the_feed_that_is_dropped() {
    let monty = one();
    let (tools, mut receive) = stuck();
    let mut session = monty.session().host(&tools).open().await.expect("it opens");
    assert_eq!(value(&mut session, "x = 1\nx").await, Some(1));
    let feed = Box::pin(session.feed("waits()").run());
    tokio::select! {
        ended = feed => panic!("it waits for ever: {ended:?}"),
        () = in_time(events(&mut receive, "started", 1)) => {}
    }
    in_time(events(&mut receive, "dropped", 1)).await;
    in_time(monty.script("1").run()).await.expect("it has room");
    let error = in_time(session.feed("x").run())
        .await
        .expect_err("it has ended");
    assert_eq!(error.kind(), ErrorKind::Request);
    assert_snapshot!("session-ended", error);
    assert!(session.dump().await.is_err());
}

/// A host that many sessions share gives each of them an interrupt of its own.
#[tokio::test]
async fn sessions_of_one_host_are_interrupted_one_by_one() {
    let (tools, receive) = stuck();
    let host = Host::new().tools(&tools).os(patient());
    let builder = || monty().session().host(&host).limits(unlimited());
    let mut one = builder().open().await.expect("it opens");
    let mut other = builder().open().await.expect("it opens");
    let handle = one.interrupt_handle();
    let thread = interrupt_when_started(receive, 2, handle);
    let mut other = tokio::spawn(async move { other.feed("await awaits()").run().await });
    let error = in_time(one.feed("await awaits()").run())
        .await
        .expect_err("it is interrupted");
    assert_eq!(error.kind(), ErrorKind::Interrupted);
    thread.join().expect("no panic");
    let waits = tokio::time::timeout(Duration::from_millis(50), &mut other);
    assert!(waits.await.is_err(), "the other one still waits");
    other.abort();
}

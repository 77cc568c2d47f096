//! Instances that are made ready in advance, and cleaned up after the answer.

use std::sync::Arc;
use std::time::Duration;

use monty_host::os::Randomness;
use monty_host::{ErrorKind, Limits, Monty, Options, ToolError, Tools};

use crate::support::in_time;
#[cfg(target_os = "linux")]
use crate::support::{alone_in_a_process, resident_bytes};

fn interpreter(ready: u32) -> Monty {
    Monty::builder()
        .concurrent_runs(2)
        .ready_instances(ready)
        .build()
        .expect("the interpreter starts")
}

/// Time for the thread to clean up and to make others ready.
async fn rest() {
    tokio::time::sleep(Duration::from_millis(50)).await;
}

#[tokio::test]
async fn a_run_leaves_nothing_to_the_next() {
    let monty = interpreter(3);
    for n in 0..30 {
        let source = "try:\n    mark\n    seen = True\nexcept NameError:\n    seen = False\nmark = [n] * 10000\n(seen, len(mark), mark[0])";
        let script = monty.script(source).input("n", n).expect("an int");
        let report = in_time(script.run()).await.expect("it has a value");
        assert_eq!(report.value.to_string(), format!("(False, 10000, {n})"));
        if n % 10 == 0 {
            rest().await;
        }
    }
}

#[tokio::test]
async fn what_the_host_lends_is_back_with_the_answer() {
    let monty = interpreter(3);
    for _ in 0..10 {
        let lent = Arc::new(());
        let held = Arc::clone(&lent);
        let dropped = Arc::new(());
        let slow = Arc::clone(&dropped);
        let tools = Tools::new()
            .function("held", (), move || Arc::strong_count(&held))
            .async_function("slow", (), move || {
                let slow = Arc::clone(&slow);
                async move {
                    tokio::time::sleep(Duration::from_secs(600)).await;
                    drop(slow);
                }
            });
        let source = "import asyncio\nasync def wait():\n    await slow()\nasync def main():\n    task = asyncio.create_task(wait())\n    await asyncio.sleep(0)\n    raise ValueError(held())\nawait main()";
        let error = in_time(monty.script(source).host(&tools).run())
            .await
            .expect_err("it raises");
        assert_eq!(error.kind(), ErrorKind::Script, "{error}");
        drop(tools);
        // A task that was cancelled is dropped by its runtime.
        tokio::task::yield_now().await;
        assert_eq!(Arc::strong_count(&lent), 1);
        assert_eq!(Arc::strong_count(&dropped), 1);
        rest().await;
    }
}

#[tokio::test]
async fn a_seed_gives_the_same_numbers_in_any_instance() {
    let source = "import random\n(random.random(), id([]), hash('a'))";
    let options = Options::new().randomness(Randomness::Seeded(7));
    let mut seen = Vec::new();
    for ready in [0, 3] {
        let monty = interpreter(ready);
        for _ in 0..3 {
            let script = monty.script(source).options(options.clone());
            let report = in_time(script.run()).await.expect("it has a value");
            seen.push(report.value.to_string());
            rest().await;
        }
    }
    seen.dedup();
    assert_eq!(seen.len(), 1, "{seen:?}");
}

#[tokio::test]
async fn limits_and_failures_are_those_of_any_instance() {
    for ready in [0, 3] {
        let monty = interpreter(ready);
        for _ in 0..4 {
            let limits = Limits::default().with_memory_bytes(1 << 20);
            let script = monty.script("[0] * 10_000_000").limits(limits);
            let error = in_time(script.run()).await.expect_err("it is too large");
            assert_eq!(error.kind(), ErrorKind::Limit, "{error}");
            let limits = Limits::default().with_calls(1);
            let tools =
                Tools::new().function("f", (), || Err::<(), _>(ToolError::value_error("no")));
            let source = "try:\n    f()\nexcept ValueError:\n    f()";
            let script = monty.script(source).host(&tools).limits(limits);
            let error = in_time(script.run()).await.expect_err("it calls twice");
            assert_eq!(error.kind(), ErrorKind::Limit, "{error}");
            let report = in_time(monty.script("1 + 1").run()).await.expect("a value");
            assert_eq!(report.value.as_i64(), Some(2));
            assert_eq!(report.statistics.calls, 0);
        }
    }
}

#[tokio::test]
async fn sessions_and_runs_take_ready_instances_in_turn() {
    let monty = interpreter(2);
    let mut sessions = Vec::new();
    for n in 0..6 {
        let mut session = monty.session().open().await.expect("it opens");
        let feed = session.feed("x = n").input("n", n).expect("an int");
        in_time(feed.run()).await.expect("it runs");
        sessions.push(session);
        rest().await;
    }
    for (n, session) in sessions.iter_mut().enumerate() {
        let report = in_time(session.feed("x").run()).await.expect("it goes on");
        assert_eq!(report.value.as_i64(), i64::try_from(n).ok());
        let error = in_time(monty.script("x").run()).await.expect_err("no name");
        assert!(
            error.to_string().contains("name 'x' is not defined"),
            "{error}"
        );
    }
}

#[test]
#[cfg(target_os = "linux")]
fn large_instances_do_not_wait_to_be_cleaned_up() {
    alone_in_a_process("ready::large");
}

#[tokio::test]
#[cfg(target_os = "linux")]
#[ignore = "measures its process, so `large_instances_do_not_wait_to_be_cleaned_up` starts one for it"]
async fn large() {
    const TOLERATED_BYTES: usize = 40 << 20;
    let monty = interpreter(8);
    in_time(monty.script("1").run()).await.expect("a value");
    rest().await;
    let before = resident_bytes();
    for _ in 0..6 {
        let script = monty.script("len([0] * 5_000_000)");
        in_time(script.run()).await.expect("it fits");
        let after = resident_bytes();
        assert!(
            after < before + TOLERATED_BYTES,
            "{before} before, {after} after"
        );
    }
}

#[tokio::test]
async fn an_interpreter_can_be_dropped_at_any_time() {
    for runs in 0..4 {
        let monty = interpreter(4);
        for _ in 0..runs {
            in_time(monty.script("1").run()).await.expect("a value");
        }
        drop(monty);
    }
}

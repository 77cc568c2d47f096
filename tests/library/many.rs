//! Many sessions and many runs at once, within a stated memory.
#![cfg(target_os = "linux")]

use std::sync::Arc;

use monty_host::{Monty, Session, ToolError, Tools};
use tokio::sync::Barrier;

use crate::support::{alone_in_a_process, in_time, resident_bytes};

/// The number of simultaneous idle sessions. `MONTY_MANY_SESSIONS=10000` takes
/// longer.
const SESSIONS: usize = 1000;
/// The number of simultaneous runs.
const RUNS: usize = 1000;
/// The limit on an idle session's memory as bytes.
const SESSION_BYTES: usize = 64 << 10;
/// The limit on the memory of a run that waits for a tool.
const RUN_BYTES: usize = 2 << 20;

#[test]
fn many_idle_sessions_take_little() {
    alone_in_a_process("many::sessions");
}

#[test]
fn many_runs_wait_at_once() {
    alone_in_a_process("many::runs");
}

#[tokio::test]
#[ignore = "measures its process, so `many_idle_sessions_take_little` starts one for it"]
async fn sessions() {
    let count = std::env::var("MONTY_MANY_SESSIONS")
        .map_or(SESSIONS, |count| count.parse().expect("a number"));
    let monty = Monty::builder()
        .concurrent_runs(10)
        .build()
        .expect("the interpreter starts");
    let mut sessions: Vec<Session> = Vec::with_capacity(count);
    let mut before = 0;
    for n in 0..count {
        // One-time allocations do not count towards a session.
        if n == 20 {
            before = resident_bytes();
        }
        let mut session = monty.session().open().await.expect("it opens");
        let feed = session.feed("def f(x):\n    return x + n").input("n", n);
        let feed = feed.expect("an int has a form");
        in_time(feed.run()).await.expect("it runs");
        sessions.push(session);
    }
    let each = resident_bytes().saturating_sub(before) / (count - 20);
    println!("{count} idle sessions: {each} bytes each");
    assert!(each <= SESSION_BYTES, "{each} bytes each");
    for (n, session) in sessions.iter_mut().enumerate().step_by(count / 100) {
        let call = session.call("f").argument(1).expect("an int has a form");
        let report = in_time(call.run()).await.expect("it goes on");
        assert_eq!(report.value.as_i64(), i64::try_from(n + 1).ok());
    }
}

#[tokio::test(flavor = "multi_thread", worker_threads = 2)]
#[ignore = "measures its process, so `many_runs_wait_at_once` starts one for it"]
async fn runs() {
    let monty = Monty::builder()
        .concurrent_runs(u32::try_from(RUNS).expect("few"))
        .build()
        .expect("the interpreter starts");
    let before = resident_bytes();
    // No run continues before all have started.
    let barrier = Arc::new(Barrier::new(RUNS + 1));
    let meeting = Arc::clone(&barrier);
    let tools = Tools::new().async_function("meet", ["n"], move |n: i64| {
        let barrier = Arc::clone(&meeting);
        async move {
            barrier.wait().await;
            Ok::<_, ToolError>(n)
        }
    });
    let runs: Vec<_> = (0..RUNS)
        .map(|n| {
            let script = monty.script("await meet(n) + 1").input("n", n);
            tokio::spawn(script.expect("an int has a form").host(&tools).run())
        })
        .collect();
    in_time(barrier.wait()).await;
    let each = resident_bytes().saturating_sub(before) / RUNS;
    println!("{RUNS} runs: {each} bytes each");
    for (n, run) in runs.into_iter().enumerate() {
        let report = in_time(run).await.expect("no panic").expect("it ends");
        assert_eq!(report.value.as_i64(), i64::try_from(n + 1).ok());
    }
    assert!(each <= RUN_BYTES, "{each} bytes each");
}

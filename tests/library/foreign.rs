//! Another component of the same world, which does what ours never does: it
//! ends within the limits of its run all the same.

use std::sync::Arc;
use std::sync::atomic::{AtomicI64, Ordering};
use std::time::{Duration, Instant};

use monty_host::{
    Call, ErrorKind, ExternalCall, Host, InterruptHandle, Limit, Limits, Monty, Reply, Report,
    Value,
};
use tokio::sync::mpsc;

use crate::dummy;
use crate::support::{Dropped, in_time};

/// What a component may import of WASI to wait there.
const WASI: &str = "
package test:foreign;

world foreign {
    include monty:sandbox/sandbox@0.2.0;
    import wasi:clocks/monotonic-clock@0.2.0;
    import wasi:io/poll@0.2.0;
}

package wasi:io@0.2.0 {
    interface poll {
        resource pollable {
            block: func();
        }
    }
}

package wasi:clocks@0.2.0 {
    interface monotonic-clock {
        use wasi:io/poll@0.2.0.{pollable};
        subscribe-duration: func(when: u64) -> pollable;
    }
}
";

/// A component whose `run` does this and then traps.
fn component(run: &str) -> Vec<u8> {
    let bodies = [("monty:sandbox/interpreter@0.2.0#run", run)];
    dummy::component(&[monty_host::WIT, WASI], "foreign", &bodies)
}

async fn run(body: &str, limits: Limits, interrupt: &InterruptHandle) -> monty_host::Error {
    let monty = Monty::builder()
        .component(component(body))
        .concurrent_runs(1)
        .build()
        .expect("it has all exports");
    let run = monty
        .script("")
        .limits(limits)
        .host(Host::new().interrupt(interrupt))
        .run();
    in_time(run).await.expect_err("it does not end by itself")
}

/// `pollable.block` of a clock that rings in 30 years.
const BLOCKS: &str = "i64.const 1000000000000000000
    call $subscribe-duration
    call $[method]pollable.block";

#[tokio::test]
async fn waiting_in_wasi() {
    let limits = Limits::default()
        .with_duration(Duration::from_millis(100))
        .with_grace(Duration::from_millis(50));
    let error = run(BLOCKS, limits, &InterruptHandle::new()).await;
    assert_eq!(error.limit(), Some(Limit::Duration), "{error}");
    assert!(
        error.to_string().starts_with("time limit exceeded: "),
        "{error}"
    );
}

#[tokio::test]
async fn an_interrupt_while_it_waits_in_wasi() {
    let handle = InterruptHandle::new();
    let interrupt = async {
        tokio::time::sleep(Duration::from_millis(50)).await;
        handle.interrupt();
        Instant::now()
    };
    let limits = Limits::default().with_duration(Duration::from_secs(60));
    let (error, since) = tokio::join!(run(BLOCKS, limits, &handle), interrupt);
    assert_eq!(error.kind(), ErrorKind::Interrupted, "{error}");
    assert!(since.elapsed() < Duration::from_secs(30));
}

/// `settle(calls, none)` of this many handles, all of them 0, at the start of
/// the memory.
fn settles(calls: u32) -> String {
    format!(
        "i32.const 0
    i32.const {calls}
    i32.const 0
    i64.const 0
    i32.const 100000000
    call $settle"
    )
}

#[tokio::test]
async fn settling_nothing() {
    let error = run(&settles(0), Limits::default(), &InterruptHandle::new()).await;
    assert_eq!(error.kind(), ErrorKind::Sandbox, "{error}");
    assert!(
        error.to_string().contains("it would never return"),
        "{error}"
    );
}

/// More handles than a message holds, and handles that it does not have.
#[tokio::test]
async fn settling_calls_that_nobody_made() {
    let error = run(
        &settles(20_000_000),
        Limits::default(),
        &InterruptHandle::new(),
    )
    .await;
    assert_eq!(error.limit(), Some(Limit::Message), "{error}");
    let error = run(&settles(1), Limits::default(), &InterruptHandle::new()).await;
    assert_eq!(error.kind(), ErrorKind::Sandbox, "{error}");
    assert!(error.to_string().contains("unknown handle"), "{error}");
}

/// Each call is answered later: with how many calls were made by then, or
/// never.
struct Later {
    calls: AtomicI64,
    answers: bool,
    dropped: mpsc::UnboundedSender<&'static str>,
}

impl ExternalCall for Later {
    fn call(&self, call: Call) -> Reply {
        assert_eq!(call.id, 0);
        let number = self.calls.fetch_add(1, Ordering::Relaxed) + 1;
        let answers = self.answers;
        let guard = Dropped::new(self.dropped.clone());
        Reply::awaitable(async move {
            let _guard = guard;
            if !answers {
                std::future::pending::<()>().await;
            }
            Ok(Some(Value::from(number)))
        })
    }
}

/// Runs a component whose calls are all pending and have the number 0. Tells
/// which of them were dropped.
async fn run_later(
    body: &str,
    limits: Limits,
    answers: bool,
) -> (
    Result<Report, monty_host::Error>,
    mpsc::UnboundedReceiver<&'static str>,
) {
    let (dropped, receive) = mpsc::unbounded_channel();
    let later = Later {
        calls: AtomicI64::new(0),
        answers,
        dropped,
    };
    let monty = Monty::builder()
        .component(component(body))
        .build()
        .expect("it has all exports");
    let script = monty.script("").limits(limits);
    let run = script
        .host(Host::new().external_call(Arc::new(later)))
        .run();
    (in_time(run).await, receive)
}

/// A call without a name, and the handle of its reply.
const CALLS: &str = "i32.const 0 i32.const 2048 call $call
    i32.const 2056 i32.load ";

/// Settles the handle at an address, and gives the integer that it is answered
/// with.
fn settles_at(address: u32) -> String {
    format!(
        "i32.const {address} i32.const 1 i32.const 0 i64.const 0 i32.const 2048
    call $settle
    i32.const 1048 i64.load "
    )
}

/// Two calls with one number, under way in one store, as two sessions of one
/// instance may make them: each answer reaches the call that it is for.
#[tokio::test]
async fn answers_to_calls_of_equal_numbers() {
    let body = format!(
        "i32.const 4096 {CALLS} i32.store
    i32.const 4100 {CALLS} i32.store
    i32.const 65552 i32.const 2 i32.store8
    i32.const 65560
    {second} i64.const 10 i64.mul {first} i64.add
    i64.store
    {returns}",
        second = settles_at(4100),
        first = settles_at(4096),
        returns = dummy::RETURNS
    );
    let (report, _) = run_later(&body, Limits::default(), true).await;
    assert_eq!(report.expect("it returns").value, Value::from(21));
}

/// What the component holds counts, whoever waits for it.
#[tokio::test]
async fn pending_calls_that_are_never_dropped() {
    let body = format!("loop {CALLS} drop br 0 end");
    let (report, mut dropped) = run_later(&body, Limits::default(), false).await;
    let error = report.expect_err("there are too many");
    assert_eq!(error.limit(), Some(Limit::ConcurrentCalls), "{error}");
    for _ in 0..100 {
        in_time(dropped.recv()).await.expect("the store is gone");
    }
}

/// A call that is dropped is cancelled, and makes room for another one.
#[tokio::test]
async fn pending_calls_that_are_dropped() {
    let body = format!(
        "loop
      {CALLS} call $[resource-drop]pending-call
      i32.const 4096 i32.const 4096 i32.load i32.const 1 i32.add i32.store
      i32.const 4096 i32.load i32.const 1000 i32.lt_u br_if 0
    end
    {}",
        dummy::RETURNS
    );
    let limits = Limits::default().with_concurrent_calls(1);
    let (report, mut dropped) = run_later(&body, limits, false).await;
    assert_eq!(report.expect("it returns").value, Value::None);
    for _ in 0..1000 {
        in_time(dropped.recv()).await.expect("it was dropped");
    }
}

/// A component that traps drops nothing: its calls end with its store.
#[tokio::test]
async fn pending_calls_of_a_component_that_traps() {
    let body = format!("{CALLS} drop");
    let (report, mut dropped) = run_later(&body, Limits::default(), false).await;
    let error = report.expect_err("it traps");
    assert_eq!(error.kind(), ErrorKind::Sandbox, "{error}");
    in_time(dropped.recv()).await.expect("the store is gone");
}

#[tokio::test]
async fn a_loop_that_looks_at_no_clock() {
    let limits = Limits::default()
        .with_duration(Duration::from_millis(50))
        .with_grace(Duration::from_millis(50));
    let error = run("loop br 0 end", limits, &InterruptHandle::new()).await;
    assert_eq!(error.limit(), Some(Limit::Duration), "{error}");
}

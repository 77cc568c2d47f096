//! Another component of the same world, which does what ours never does: it
//! ends within the limits of its run all the same.

use std::time::{Duration, Instant};

use monty_host::{ErrorKind, InterruptHandle, Limit, Limits, Monty};
use wit_component::{ComponentEncoder, StringEncoding, dummy_module, embed_component_metadata};
use wit_parser::{LiftLowerAbi, ManglingAndAbi, Resolve};

use crate::support::{in_time, root};

/// What a component may import of WASI to wait there.
const WASI: &str = "
package test:foreign;

world foreign {
    include monty:sandbox/sandbox@0.1.0;
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

/// A component whose `run` does this and then traps. In the text, `$name` is
/// the function imported under that name.
fn component(run: &str) -> Vec<u8> {
    let mut resolve = Resolve::default();
    resolve.push_dir(root().join("wit")).expect("valid WIT");
    let package = resolve.push_str("foreign.wit", WASI).expect("valid WIT");
    let world = resolve
        .select_world(&[package], Some("foreign"))
        .expect("it is there");
    let abi = ManglingAndAbi::Legacy(LiftLowerAbi::Sync);
    let module = dummy_module(&resolve, world, abi);
    let text = wasmprinter::print_bytes(module).expect("it has a text form");
    let text = with_run(&text, run);
    let mut module = wat::parse_str(text).expect("valid text");
    embed_component_metadata(&mut module, &resolve, world, StringEncoding::UTF8)
        .expect("there is room");
    ComponentEncoder::default()
        .validate(true)
        .module(&module)
        .and_then(|mut encoder| encoder.encode())
        .expect("a component")
}

/// The module with another body of `run`, with memory, and with an allocator
/// that has one place for everything.
fn with_run(text: &str, run: &str) -> String {
    let mut body = run.to_owned();
    for line in text.lines() {
        let Some(import) = line.trim().strip_prefix("(import \"") else {
            continue;
        };
        let name = import.split('"').nth(2).expect("a name");
        let index = between(line, "(;", ";)");
        body = body.replace(&format!("${name} "), &format!("{index} "));
    }
    assert!(!body.contains('$'), "no such import: {body}");
    let text = with_body(text, "monty:sandbox/interpreter@0.1.0#run", &body);
    let text = with_body(&text, "cabi_realloc", "i32.const 1024 return");
    text.replace("(memory (;0;) 0)", "(memory (;0;) 2048)")
}

/// The module with something that an exported function does before it traps.
fn with_body(text: &str, export: &str, body: &str) -> String {
    let index = between(text, &format!("(export \"{export}\" (func "), ")");
    let start = text
        .find(&format!("(func (;{index};)"))
        .expect("it is defined");
    let (before, function) = text.split_at(start);
    let function = function.replacen("unreachable", &format!("{body}\n    unreachable"), 1);
    format!("{before}{function}")
}

fn between<'a>(text: &'a str, before: &str, after: &str) -> &'a str {
    let (_, rest) = text.split_once(before).expect("it is there");
    rest.split_once(after).expect("it ends").0
}

async fn run(body: &str, limits: Limits, interrupt: &InterruptHandle) -> monty_host::Error {
    let monty = Monty::builder()
        .component(component(body))
        .concurrent_runs(1)
        .build()
        .expect("it has all exports");
    let run = monty.script("").limits(limits).interrupt(interrupt).run();
    in_time(run).await.expect_err("it does not end by itself")
}

/// `pollable.block` of a clock that rings in 30 years.
const BLOCKS: &str = "i64.const 1000000000000000000
    call $subscribe-duration 
    call $[method]pollable.block ";

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

/// `settle(pending, none)` of this many ids, at the start of the memory.
fn settles(calls: u32) -> String {
    format!(
        "i32.const 0
    i32.const {calls}
    i32.const 0
    i64.const 0
    i32.const 100000000
    call $settle "
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

/// More ids than a message holds, and as many as one holds: the answer to them
/// is one.
#[tokio::test]
async fn settling_calls_that_nobody_made() {
    let error = run(
        &settles(20_000_000),
        Limits::default(),
        &InterruptHandle::new(),
    )
    .await;
    assert_eq!(error.limit(), Some(Limit::Message), "{error}");
    let error = run(
        &settles(16_000_000),
        Limits::default(),
        &InterruptHandle::new(),
    )
    .await;
    // The answer is there, and the component traps.
    assert_eq!(error.kind(), ErrorKind::Sandbox, "{error}");
}

#[tokio::test]
async fn a_loop_that_looks_at_no_clock() {
    let limits = Limits::default()
        .with_duration(Duration::from_millis(50))
        .with_grace(Duration::from_millis(50));
    let error = run("loop br 0 end", limits, &InterruptHandle::new()).await;
    assert_eq!(error.limit(), Some(Limit::Duration), "{error}");
}

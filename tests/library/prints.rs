//! Prints are live and in order.

use std::error::Error as _;
use std::io;
use std::sync::{Arc, Mutex};

use monty_host::{Collect, Discard, ErrorKind, Host, Options, Print, Stream, ToolError, Tools};

use crate::support::{assert_next_run_works, run, script};

/// Runs a script and notes prints and calls as they happen.
fn events(source: &str, line_buffered: bool) -> Vec<String> {
    let events = Arc::new(Mutex::new(Vec::new()));
    let (printed, called) = (Arc::clone(&events), Arc::clone(&events));
    let tools = Tools::new().function("call", ["name"], move |name: String| {
        called
            .lock()
            .expect("no test panics")
            .push(format!("call {name}"));
        Ok::<_, ToolError>(())
    });
    script(source)
        .host(
            Host::new()
                .tools(&tools)
                .print(move |stream: Stream, text: &str| {
                    printed
                        .lock()
                        .expect("no test panics")
                        .push(format!("{stream:?} {text:?}"));
                }),
        )
        .options(Options::new().line_buffered(line_buffered))
        .run_blocking()
        .expect("the script ends");
    let events = events.lock().expect("no test panics");
    events.clone()
}

#[test]
fn order_with_calls_is_kept() {
    let source = "print('a')\ncall('1')\nprint('b', end='')\nprint('c')\ncall('2')\nprint('d')";
    assert_eq!(
        events(source, false),
        [
            r#"Stdout "a\n""#,
            "call 1",
            r#"Stdout "bc\n""#,
            "call 2",
            r#"Stdout "d\n""#
        ]
    );
}

#[test]
fn order_between_streams_is_kept() {
    let source = "import sys\nprint('a')\nprint('b', file=sys.stderr)\nprint('c')";
    assert_eq!(
        events(source, false),
        [r#"Stdout "a\n""#, r#"Stderr "b\n""#, r#"Stdout "c\n""#]
    );
}

#[test]
fn lines_arrive_one_by_one_when_asked_for() {
    assert_eq!(
        events(
            "print('a')\nprint('b', 'c', sep='-')\nprint('d', end='')",
            true
        ),
        [r#"Stdout "a\n""#, r#"Stdout "b-c\n""#, r#"Stdout "d""#]
    );
}

#[test]
fn small_prints_are_gathered_and_large_ones_are_not_held_back() {
    let written = events("for i in range(5000): print(i)", false);
    assert!(written.len() > 2, "everything was held back to the end");
    assert!(written.len() < 50, "every print was a call of its own");
}

#[test]
fn the_report_holds_prints_by_default() {
    let report = run("import sys\nprint('out')\nprint('err', file=sys.stderr)\n1").expect("runs");
    assert_eq!(report.printed.to_string(), "out\nerr\n");
    assert_eq!(report.printed.on(Stream::Stdout), "out\n");
    assert_eq!(report.statistics.output_bytes, 8);
}

#[test]
fn an_error_holds_what_was_printed_before_it() {
    let error = run("print('before')\n1 / 0").expect_err("divides by zero");
    let printed = error.printed().expect("the run began");
    assert_eq!(printed.to_string(), "before\n");
}

#[test]
fn ready_made_sinks() {
    let collected = Collect::new();
    let report = script("print('x')")
        .host(Host::new().print(collected.clone()))
        .run_blocking();
    assert!(report.expect("runs").printed.is_empty());
    assert_eq!(collected.take().to_string(), "x\n");
    assert!(collected.take().is_empty());

    let report = script("print('x')")
        .host(Host::new().print(Discard))
        .run_blocking();
    assert!(report.expect("runs").printed.is_empty());
}

#[test]
fn print_arguments() {
    let source = "print()\nprint(1, 'a', None, [2.5], sep=', ', end='!')\nprint('é', '日本', '🦀')";
    let report = run(source).expect("runs");
    assert_eq!(
        report.printed.to_string(),
        "\n1, a, None, [2.5]!é 日本 🦀\n"
    );
}

/// Accepts a number of pieces of text, then fails.
struct Full(usize);

impl Print for Full {
    fn write(&mut self, _stream: Stream, _text: &str) -> io::Result<()> {
        let left = self.0.checked_sub(1);
        self.0 = left.ok_or(io::ErrorKind::StorageFull)?;
        Ok(())
    }
}

#[test]
fn a_sink_that_fails_ends_the_run() {
    let calls = Arc::new(Mutex::new(0));
    let counted = Arc::clone(&calls);
    let tools = Tools::new().function("call", [""; 0], move || {
        *counted.lock().expect("no test panics") += 1;
        Ok::<_, ToolError>(())
    });
    let source = "for i in range(9):\n    print(i)\n    call()";
    let error = script(source)
        .host(Host::new().tools(&tools).print(Full(2)))
        .run_blocking()
        .expect_err("the sink is full");
    assert_eq!(error.kind(), ErrorKind::Host);
    assert_eq!(
        error.to_string(),
        "what the script prints cannot be written: no storage space"
    );
    let source = error.source().and_then(|source| source.downcast_ref());
    let kind = source.map(io::Error::kind);
    assert_eq!(kind, Some(io::ErrorKind::StorageFull));
    assert_eq!(*calls.lock().expect("no test panics"), 2);
    assert_eq!(error.statistics().map(|used| used.calls), Some(2));
    assert_next_run_works();
}

//! `print-stdio`.

use crate::bindings::print::PrintStdio;
use crate::bindings::print::exports::monty::adapters::print_capture::{Destination, End};
use crate::bindings::print::exports::monty::sandbox::print::StandardStream;
use crate::support::{State, Terminal, assert_snapshot, component, linker, store};
use wasmtime::Store;
use wasmtime_wasi::cli::OutputFile;
use wasmtime_wasi::p2::pipe::MemoryOutputPipe;

fn start() -> (Store<State>, PrintStdio) {
    let mut store = store(|_| {});
    let print = PrintStdio::instantiate(&mut store, &component("print-stdio"), &linker())
        .expect("it starts");
    (store, print)
}

/// Writes, and returns the exception that ends the script, if one does.
fn write(
    store: &mut Store<State>,
    print: &PrintStdio,
    to: StandardStream,
    text: &str,
) -> Option<String> {
    let written = print.monty_sandbox_print().call_write(store, to, text);
    let exception = written.expect("no trap").err()?;
    Some(exception.to_string())
}

#[test]
fn text_goes_to_its_stream_at_once() {
    let (mut store, print) = start();
    write(&mut store, &print, StandardStream::Stdout, "no newline");
    assert_eq!(store.data().stdout(), "no newline");
    write(&mut store, &print, StandardStream::Stderr, "é\n");
    assert_eq!(store.data().stderr(), "é\n");
}

#[test]
fn the_largest_write_arrives_whole() {
    let (mut store, print) = start();
    let text = "0123456789abcde\n".repeat(4096);
    assert_eq!(
        write(&mut store, &print, StandardStream::Stdout, &text),
        None
    );
    assert!(store.data().stdout() == text);
}

/// Prints more than six bytes, and returns the exceptions.
fn print_too_much(store: &mut Store<State>, print: &PrintStdio) -> String {
    [
        (StandardStream::Stdout, "abc"),
        // The second é would be cut in two.
        (StandardStream::Stderr, "éé"),
        // It would fit.
        (StandardStream::Stdout, "z"),
    ]
    .into_iter()
    .map(|(to, text)| format!("{text}: {:?}\n", write(store, print, to, text)))
    .collect()
}

#[test]
fn captured_prints_are_kept_apart_up_to_their_limit() {
    let (mut store, print) = start();
    let capture = print.monty_adapters_print_capture();
    capture
        .call_start(&mut store, 6, Destination::Memory)
        .expect("no trap");
    assert_snapshot!("limit", print_too_much(&mut store, &print));
    let printed = capture.call_take(&mut store).expect("no trap");
    assert_eq!((&*printed.stdout, &*printed.stderr), ("abc", "é"));
    assert!(matches!(printed.end, Some(End::UsedUp)));
    assert_eq!(printed.bytes, 8);
    assert_eq!(
        (store.data().stdout(), store.data().stderr()),
        Default::default()
    );
    write(&mut store, &print, StandardStream::Stdout, "out again");
    assert_eq!(store.data().stdout(), "out again");
}

#[test]
fn prints_that_are_written_out_have_a_limit_too() {
    let (mut store, print) = start();
    let capture = print.monty_adapters_print_capture();
    capture
        .call_start(&mut store, 6, Destination::StandardStreams)
        .expect("no trap");
    assert_snapshot!("limit", print_too_much(&mut store, &print));
    assert_eq!(
        (store.data().stdout(), store.data().stderr()),
        ("abc".to_owned(), "é".to_owned())
    );
    let printed = capture.call_take(&mut store).expect("no trap");
    assert_eq!((&*printed.stdout, &*printed.stderr), ("", ""));
    assert!(matches!(printed.end, Some(End::UsedUp)));
    assert_eq!(printed.bytes, 8);
}

#[test]
fn a_stream_that_cannot_be_written_ends_the_script() {
    let full = std::fs::OpenOptions::new()
        .write(true)
        .open("/dev/full")
        .expect("it is a Linux");
    let mut store = store(|wasi| {
        wasi.stdout(MemoryOutputPipe::new(4));
        wasi.stderr(OutputFile::new(full));
    });
    let print = PrintStdio::instantiate(&mut store, &component("print-stdio"), &linker())
        .expect("it starts");
    let capture = print.monty_adapters_print_capture();
    let mut text = String::new();
    for to in [StandardStream::Stdout, StandardStream::Stderr] {
        for captured in [false, true] {
            if captured {
                capture
                    .call_start(&mut store, 100, Destination::StandardStreams)
                    .expect("no trap");
            }
            for what in ["more than four", "the next"] {
                let exception = write(&mut store, &print, to, what);
                text += &format!("{to:?}, {what}: {exception:?}\n");
            }
            if captured {
                let printed = capture.call_take(&mut store).expect("no trap");
                text += &format!("{:?}\n", printed.end);
            }
        }
    }
    assert_snapshot!("unwritten", text);
}

#[test]
fn a_terminal_is_shown_no_control_characters() {
    let terminal = Terminal::default();
    let text = "bell\x07 csi\u{9b}31m del\x7f\rover \u{202e}rtl\u{2028}\u{200b}\n\ttab e\u{301} é 日本 👍\n";
    let mut store = store(|wasi| {
        wasi.stdout(terminal.clone());
    });
    let print = PrintStdio::instantiate(&mut store, &component("print-stdio"), &linker())
        .expect("it starts");
    write(&mut store, &print, StandardStream::Stdout, text);
    write(&mut store, &print, StandardStream::Stderr, text);
    assert_eq!(
        terminal.text(),
        "bell\\x07 csi\\x9b31m del\\x7f\\rover \\u202ertl\\u2028\\u200b\n\ttab e\u{301} é 日本 👍\n"
    );
    // A pipe has what was printed.
    assert_eq!(store.data().stderr(), text);
}

#[test]
fn nothing_captured_is_nothing() {
    let (mut store, print) = start();
    let capture = print.monty_adapters_print_capture();
    let printed = capture.call_take(&mut store).expect("no trap");
    assert_eq!((&*printed.stdout, &*printed.stderr), ("", ""));
    assert!(printed.end.is_none());
}

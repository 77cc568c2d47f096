//! `print-stdio`.

use crate::bindings::print::PrintStdio;
use crate::bindings::print::exports::monty::adapters::print_capture::Destination;
use crate::bindings::print::exports::monty::sandbox::print::StandardStream;
use crate::support::{State, Terminal, component, linker, store};
use wasmtime::Store;
use wasmtime_wasi::p2::pipe::MemoryOutputPipe;

fn start() -> (Store<State>, PrintStdio) {
    let mut store = store(|_| {});
    let print = PrintStdio::instantiate(&mut store, &component("print-stdio"), &linker())
        .expect("it starts");
    (store, print)
}

fn write(store: &mut Store<State>, print: &PrintStdio, to: StandardStream, text: &str) {
    print
        .monty_sandbox_print()
        .call_write(store, to, text)
        .expect("no trap");
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
    write(&mut store, &print, StandardStream::Stdout, &text);
    assert!(store.data().stdout() == text);
}

#[test]
fn captured_prints_are_kept_apart_up_to_their_limit() {
    let (mut store, print) = start();
    let capture = print.monty_adapters_print_capture();
    capture
        .call_start(&mut store, 6, Destination::Memory)
        .expect("no trap");
    write(&mut store, &print, StandardStream::Stdout, "abc");
    write(&mut store, &print, StandardStream::Stderr, "éé");
    write(&mut store, &print, StandardStream::Stdout, "z");
    let printed = capture.call_take(&mut store).expect("no trap");
    // The second é would be cut in two, and what follows is no longer kept.
    assert_eq!((&*printed.stdout, &*printed.stderr), ("abc", "é"));
    assert!(printed.truncated);
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
    write(&mut store, &print, StandardStream::Stdout, "abc");
    write(&mut store, &print, StandardStream::Stderr, "éé");
    write(&mut store, &print, StandardStream::Stdout, "z");
    assert_eq!(
        (store.data().stdout(), store.data().stderr()),
        ("abc".to_owned(), "é".to_owned())
    );
    let printed = capture.call_take(&mut store).expect("no trap");
    assert_eq!((&*printed.stdout, &*printed.stderr), ("", ""));
    assert_eq!(
        (printed.bytes, printed.truncated, printed.broken),
        (8, true, false)
    );
}

#[test]
fn a_stream_that_cannot_be_written_is_told() {
    let mut store = store(|wasi| {
        wasi.stdout(MemoryOutputPipe::new(4));
    });
    let print = PrintStdio::instantiate(&mut store, &component("print-stdio"), &linker())
        .expect("it starts");
    let capture = print.monty_adapters_print_capture();
    capture
        .call_start(&mut store, 100, Destination::StandardStreams)
        .expect("no trap");
    write(&mut store, &print, StandardStream::Stdout, "more than four");
    let printed = capture.call_take(&mut store).expect("no trap");
    assert!(printed.broken);
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
    assert_eq!(
        (&*printed.stdout, &*printed.stderr, printed.truncated),
        ("", "", false)
    );
}

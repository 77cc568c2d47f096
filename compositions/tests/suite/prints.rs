//! `print-stdio`.

use crate::bindings::print::PrintStdio;
use crate::bindings::print::exports::monty::sandbox::print::StandardStream;
use crate::support::{State, component, linker, store};
use wasmtime::Store;

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
    capture.call_start(&mut store, 6).expect("no trap");
    write(&mut store, &print, StandardStream::Stdout, "abc");
    write(&mut store, &print, StandardStream::Stderr, "éé");
    write(&mut store, &print, StandardStream::Stdout, "z");
    let printed = capture.call_take(&mut store).expect("no trap");
    // The second é would be cut in two, and what follows is no longer kept.
    assert_eq!((&*printed.stdout, &*printed.stderr), ("abc", "é"));
    assert!(printed.truncated);
    assert_eq!(
        (store.data().stdout(), store.data().stderr()),
        Default::default()
    );
    write(&mut store, &print, StandardStream::Stdout, "out again");
    assert_eq!(store.data().stdout(), "out again");
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

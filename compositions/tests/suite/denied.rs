//! `os-deny` and `external-deny`.

use monty_value::types::{Answer, CallRequest, SourceRange};

use crate::bindings::os::OsWasi;
use crate::bindings::os::exports::monty::sandbox::os_call::{ErrorCode, OpenMode};
use crate::bindings::tools::{ExternalCall, LookupRequest};
use crate::support::{component, linker, store};

fn position() -> SourceRange {
    SourceRange {
        filename: "script.py".to_owned(),
        start: 0,
        end: 1,
    }
}

#[test]
fn no_tool_exists() {
    let mut store = store(|_| {});
    let tools = ExternalCall::instantiate(&mut store, &component("external-deny"), &linker());
    let request = CallRequest {
        id: 1,
        name: "f".to_owned(),
        receiver: None,
        positional: Vec::new(),
        keyword: Vec::new(),
        graph: None,
        position: position(),
        awaited: false,
    };
    assert_eq!(tools.call(&mut store, &request), Answer::NotFound);
    let request = LookupRequest {
        name: "f".to_owned(),
        receiver: None,
        position: position(),
    };
    assert_eq!(tools.lookup(&mut store, &request), Answer::NotFound);
    assert_eq!(tools.settle(&mut store, &[], Some(1)), []);
}

#[test]
fn no_operation_is_served() {
    // A directory and a variable are there, and stay out of reach.
    let directory = crate::support::directory();
    let mut store = store(|wasi| {
        crate::support::mount(wasi, directory.path(), "/");
        wasi.env("KEY", "value");
    });
    let os = OsWasi::instantiate(&mut store, &component("os-deny"), &linker()).expect("it starts");
    let os = os.monty_sandbox_os_call();
    let unhandled = |error: Option<ErrorCode>| matches!(error, Some(ErrorCode::Unhandled));
    let answer = os.call_exists(&mut store, "/").expect("no trap");
    assert!(unhandled(answer.err()));
    let answer = os
        .call_open(&mut store, "/a", OpenMode::Write)
        .expect("no trap");
    assert!(unhandled(answer.err()));
    let answer = os.call_getenv(&mut store, "KEY").expect("no trap");
    assert!(unhandled(answer.err()));
    let answer = os.call_environ(&mut store).expect("no trap");
    assert!(unhandled(answer.err()));
    let answer = os.call_sleep(&mut store, u64::MAX).expect("no trap");
    assert!(unhandled(answer.err()));
    let answer = os.call_urandom(&mut store, u64::MAX).expect("no trap");
    assert!(unhandled(answer.err()));
    let answer = os.call_date_today(&mut store).expect("no trap");
    assert!(unhandled(answer.err()));
    let answer = os.call_import_module(&mut store, "m").expect("no trap");
    assert!(unhandled(answer.err()));
    assert_eq!(
        std::fs::read_dir(directory.path())
            .expect("it lists")
            .count(),
        0
    );
}

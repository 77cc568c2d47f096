//! `os-deny` and `external-deny`.

use monty_value::types::{Answer, ObjectId};

use crate::bindings::system::System;
use crate::bindings::system::exports::monty::sandbox::os_call::{ErrorCode, OpenMode};
use crate::bindings::tools::Tools;
use crate::bindings::tools::exports::monty::sandbox::external_call::Reply;
use crate::support::{component, linker, position, request, store};

#[test]
fn no_tool_exists() {
    let mut store = store(|_| {});
    let tools =
        Tools::instantiate(&mut store, &component("external-deny"), &linker()).expect("it starts");
    let tools = tools.monty_sandbox_external_call();
    let request = request(1, "f");
    let reply = tools.call_call(&mut store, &request).expect("no trap");
    assert!(matches!(reply, Reply::Answered(Answer::NotFound)));
    let value = tools.call_get_name(&mut store, "f", &position());
    assert_eq!(value.expect("no trap"), Ok(None));
    let object = ObjectId { high: 1, low: 2 };
    let value = tools.call_get_attribute(&mut store, object, "f", &position());
    assert_eq!(value.expect("no trap"), Ok(None));
    let settled = tools.call_settle(&mut store, &[], Some(1));
    assert!(settled.expect("no trap").is_empty());
}

#[test]
fn no_operation_is_served() {
    // A directory and a variable are there, and stay out of reach.
    let directory = crate::support::directory();
    let mut store = store(|wasi| {
        crate::support::mount(wasi, directory.path(), "/");
        wasi.env("KEY", "value");
    });
    let os = System::instantiate(&mut store, &component("os-deny"), &linker()).expect("it starts");
    let os = os.monty_sandbox_os_call();
    let unhandled = |error: Option<ErrorCode>| matches!(error, Some(ErrorCode::Unhandled));
    let answer = os.call_stat(&mut store, "/", true).expect("no trap");
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
    let answer = os.call_random_bytes(&mut store, u64::MAX).expect("no trap");
    assert!(unhandled(answer.err()));
    let answer = os.call_now(&mut store).expect("no trap");
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

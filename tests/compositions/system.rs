//! The environment, clocks and random numbers of `os-wasi`.

use std::time::Duration;

use monty_value::types::Instant;
use wasmtime::Store;
use wasmtime_wasi::WasiCtxBuilder;

use crate::bindings::system::System;
use crate::bindings::system::exports::monty::sandbox::os_call::ErrorCode;
use crate::support::{State, Stopped, component, linker, store};

fn start(set_up: impl FnOnce(&mut WasiCtxBuilder)) -> (Store<State>, System) {
    let mut store = store(set_up);
    let os = System::instantiate(&mut store, &component("os-wasi"), &linker()).expect("it starts");
    (store, os)
}

#[test]
fn the_environment_is_that_of_the_component() {
    let (mut store, os) = start(|wasi| {
        wasi.env("KEY", "value").env("EMPTY", "");
    });
    let os = os.monty_sandbox_os_call();
    let mut getenv = |name: &str| {
        let answer = os.call_getenv(&mut store, name).expect("no trap");
        answer.expect("it is served")
    };
    assert_eq!(getenv("KEY").as_deref(), Some("value"));
    assert_eq!(getenv("EMPTY").as_deref(), Some(""));
    assert_eq!(getenv("NONE"), None);
    let all = os
        .call_environ(&mut store)
        .expect("no trap")
        .expect("it is served");
    let all: Vec<(&str, &str)> = all.iter().map(|(k, v)| (&**k, &**v)).collect();
    assert_eq!(all, [("KEY", "value"), ("EMPTY", "")]);
}

#[test]
fn the_clocks_are_those_of_the_component() {
    let (mut store, os) = start(|wasi| {
        wasi.wall_clock(Stopped(Duration::new(1_709_251_199, 123_456_789)));
        wasi.monotonic_clock(Stopped(Duration::from_millis(1500)));
    });
    let os = os.monty_sandbox_os_call();
    let now = os.call_now(&mut store).expect("no trap");
    let expected = Instant {
        seconds: 1_709_251_199,
        nanoseconds: 123_456_789,
    };
    assert_eq!(now.expect("it is served"), expected);
    let now = os.call_monotonic_now(&mut store).expect("no trap");
    assert_eq!(now.expect("it is served"), 1_500_000_000);
}

#[test]
fn a_sleep_takes_its_time() {
    let (mut store, os) = start(|_| {});
    let started = std::time::Instant::now();
    let slept = os
        .monty_sandbox_os_call()
        .call_sleep(&mut store, 20_000_000);
    slept.expect("no trap").expect("it is served");
    assert!(started.elapsed() >= Duration::from_millis(20));
}

#[test]
fn random_bytes_are_as_many_as_asked_for() {
    let (mut store, os) = start(|_| {});
    let os = os.monty_sandbox_os_call();
    let mut random = |bytes| {
        let answer = os.call_random_bytes(&mut store, bytes).expect("no trap");
        answer.expect("it is served")
    };
    let (a, b) = (random(32), random(32));
    assert_eq!((a.len(), b.len()), (32, 32));
    assert_ne!(a, b);
    assert!(random(0).is_empty());
    let refused = os.call_random_bytes(&mut store, u64::MAX).expect("no trap");
    assert!(matches!(refused, Err(ErrorCode::Other(_))));
}

#[test]
fn there_are_no_modules() {
    let (mut store, os) = start(|_| {});
    let answer = os
        .monty_sandbox_os_call()
        .call_import_module(&mut store, "numpy");
    assert!(matches!(
        answer.expect("no trap"),
        Err(ErrorCode::Unhandled)
    ));
}

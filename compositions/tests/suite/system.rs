//! The environment, clocks and random numbers of `os-wasi`.

use std::time::Duration;

use monty_value::types::{Date, Datetime, Timezone};
use wasmtime::Store;
use wasmtime_wasi::{HostMonotonicClock, HostWallClock, WasiCtxBuilder};

use crate::bindings::os::OsWasi;
use crate::bindings::os::exports::monty::sandbox::os_call::{ErrorCode, TimeCaller};
use crate::support::{State, component, linker, store};

fn start(set_up: impl FnOnce(&mut WasiCtxBuilder)) -> (Store<State>, OsWasi) {
    let mut store = store(set_up);
    let os = OsWasi::instantiate(&mut store, &component("os-wasi"), &linker()).expect("it starts");
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

/// A clock that stands still.
struct Stopped(Duration);

impl HostWallClock for Stopped {
    fn resolution(&self) -> Duration {
        Duration::from_nanos(1)
    }
    fn now(&self) -> Duration {
        self.0
    }
}

impl HostMonotonicClock for Stopped {
    fn resolution(&self) -> u64 {
        1
    }
    fn now(&self) -> u64 {
        self.0.as_nanos() as u64
    }
}

fn datetime(year: i32, month: u8, day: u8, hour: u8, timezone: Option<Timezone>) -> Datetime {
    Datetime {
        date: Date { year, month, day },
        hour,
        minute: 59,
        second: 59,
        microsecond: 123_456,
        timezone,
    }
}

#[test]
fn the_clocks_are_those_of_the_component() {
    // 2024-02-29 23:59:59.123456789 UTC.
    let now = Duration::new(1_709_251_199, 123_456_789);
    let (mut store, os) = start(|wasi| {
        wasi.wall_clock(Stopped(now));
        wasi.monotonic_clock(Stopped(Duration::from_millis(1500)));
    });
    let os = os.monty_sandbox_os_call();
    let mut at = |timezone: Option<&Timezone>| {
        let answer = os.call_datetime_now(&mut store, timezone).expect("no trap");
        answer.expect("it is served")
    };
    assert_eq!(at(None), datetime(2024, 2, 29, 23, None));
    let zone = Timezone {
        offset_seconds: 3600,
        name: Some("CET".to_owned()),
    };
    assert_eq!(at(Some(&zone)), datetime(2024, 3, 1, 0, Some(zone.clone())));
    let today = os
        .call_date_today(&mut store)
        .expect("no trap")
        .expect("it is served");
    assert_eq!(today, datetime(2024, 2, 29, 0, None).date);
    let mut time = |caller| os.call_time(&mut store, caller).expect("no trap").ok();
    assert_eq!(time(TimeCaller::Time), Some(now.as_secs_f64()));
    assert_eq!(time(TimeCaller::Strftime), Some(now.as_secs_f64()));
    assert_eq!(time(TimeCaller::Monotonic), Some(1.5));
    assert_eq!(time(TimeCaller::PerfCounterNs), Some(1.5));
}

#[test]
fn a_year_that_python_has_not_is_refused() {
    let (mut store, os) = start(|wasi| {
        wasi.wall_clock(Stopped(Duration::from_secs(253_402_300_800)));
    });
    let os = os.monty_sandbox_os_call();
    let error = os
        .call_date_today(&mut store)
        .expect("no trap")
        .unwrap_err();
    assert!(matches!(error, ErrorCode::InvalidArgument), "{error:?}");
}

#[test]
fn a_sleep_takes_its_time() {
    let (mut store, os) = start(|_| {});
    let started = std::time::Instant::now();
    let slept = os.monty_sandbox_os_call().call_sleep(&mut store, 20_000);
    slept.expect("no trap").expect("it is served");
    assert!(started.elapsed() >= Duration::from_millis(20));
}

#[test]
fn random_bytes_are_as_many_as_asked_for() {
    let (mut store, os) = start(|_| {});
    let os = os.monty_sandbox_os_call();
    let mut random = |bytes| {
        let answer = os.call_urandom(&mut store, bytes).expect("no trap");
        answer.expect("it is served")
    };
    let (a, b) = (random(32), random(32));
    assert_eq!((a.len(), b.len()), (32, 32));
    assert_ne!(a, b);
    assert!(random(0).is_empty());
    let refused = os.call_urandom(&mut store, u64::MAX).expect("no trap");
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

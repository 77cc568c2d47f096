//! The scripts about files, environment and time, on `os-wasi`.

use std::sync::LazyLock;

use monty_value::types::{Instant, NamedOperand, Operand, Timezone};
use wasmtime::component::Component;
use wasmtime_wasi::WasiCtxBuilder;

use super::kit::corpus::{Case, Zone, build};
use super::kit::report;
use crate::bindings::sandbox::Sandbox;
use crate::bindings::sandbox::exports::monty::sandbox::interpreter::{
    Clock, Inputs, LocalTimezone, Options, Outcome,
};
use crate::support::{composition, directory, linker, mount, mount_read_only, store};

static COMPONENT: LazyLock<Component> = LazyLock::new(|| composition("monty-interpreter"));

/// Where the scripts find their files.
const ROOT: &str = "/data";

#[test]
fn a_directory_to_read_and_write() {
    let cases = Case::all_with(&["writes", "links"]);
    check("read-write", cases, |wasi, path| mount(wasi, path, ROOT));
}

#[test]
fn a_directory_to_read() {
    let cases = Case::all_with(&["links"]);
    check("read-only", cases, |wasi, path| {
        mount_read_only(wasi, path, ROOT);
    });
}

#[test]
fn a_directory_that_is_an_overlay() {
    let mut cases = Case::all_with(&["writes", "links"]);
    // The variable that says so is in the environment too.
    cases.retain(|case| case.environment.is_empty());
    check("overlay", cases, |wasi, path| {
        mount_read_only(wasi, path, ROOT);
        wasi.env("MONTY_OVERLAY", ROOT);
    });
}

fn check(files: &str, cases: Vec<Case>, mount: impl Fn(&mut WasiCtxBuilder, &std::path::Path)) {
    let mut failures = Vec::new();
    for case in &cases {
        match run(case, &mount) {
            Ok(printed) => {
                let who = ["interpreter", "fixed-clock", "os-wasi", files];
                failures.extend(case.compare(&printed, &who));
            }
            Err(error) => failures.push(format!("{}: {error}", case.name)),
        }
    }
    report(cases.len(), &failures);
}

/// What a case prints.
fn run(
    case: &Case,
    mount: impl Fn(&mut WasiCtxBuilder, &std::path::Path),
) -> Result<String, String> {
    let folder = directory();
    build(&case.tree, folder.path());
    let mut store = store(|wasi| {
        mount(wasi, folder.path());
        wasi.envs(&case.environment);
    });
    let sandbox = Sandbox::instantiate(&mut store, &COMPONENT, &linker()).expect("it starts");
    let interpreter = sandbox.monty_sandbox_interpreter();
    let outcome = interpreter.call_run(&mut store, &case.source, &options(case));
    match outcome.expect("no trap") {
        Ok(Outcome::Completed(_)) => Ok(store.data().stdout()),
        other => Err(format!("{other:?}")),
    }
}

fn options(case: &Case) -> Options {
    Options {
        script_name: None,
        inputs: Some(Inputs {
            values: vec![NamedOperand {
                name: "root".to_owned(),
                value: Operand::Text(ROOT.to_owned()),
            }],
            graph: None,
        }),
        working_directory: Some(ROOT.to_owned()),
        limits: None,
        clock: case.now.map(|(seconds, nanoseconds)| {
            Clock::Fixed(Instant {
                seconds,
                nanoseconds,
            })
        }),
        local_timezone: case.timezone.as_ref().map(|zone| match zone {
            Zone::Named(name) => LocalTimezone::Named(name.clone()),
            Zone::Fixed(offset_seconds, name) => LocalTimezone::Fixed(Timezone {
                offset_seconds: *offset_seconds,
                name: Some(name.clone()),
            }),
        }),
        randomness: None,
        line_buffered: None,
        explain_assertions: None,
        extensions: None,
    }
}

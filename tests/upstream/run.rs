//! Runs a case through the component, and checks its outcome.

use std::path::Path;
use std::sync::LazyLock;
use std::time::Duration;

use monty_host::os::{MountMode, System};
use monty_host::{Error, Host, Limits, Monty, Options, Report, Value};

use crate::cases::{Case, Expected};
use crate::fixtures;

/// One interpreter for all cases: it is compiled once per machine.
static MONTY: LazyLock<Monty> = LazyLock::new(|| Monty::new().expect("the interpreter starts"));

/// Runs a case. `Err` describes a wrong outcome.
pub fn check(case: &Case) -> Result<(), String> {
    compare(&case.expected, &run(case))
}

fn run(case: &Case) -> Result<Report, Error> {
    let directives = &case.directives;
    let mut limits = Limits::unlimited()
        .with_recursion_depth(50)
        .with_duration(Duration::from_secs(4));
    limits.gc_interval = directives.gc_interval;

    let mut script = MONTY.script(&case.source).limits(limits);
    let mut options = Options::new().script_name(&case.name);
    let mut host = Host::new();
    let mut system = System::new();
    if directives.call_external {
        host = host.tools(&fixtures::tools()?);
        system = fixtures::serve(system).map_err(Error::invalid)?;
    }
    // Lives until the script has ended.
    let directory;
    if directives.mount_fs {
        directory = tempfile::tempdir().map_err(Error::invalid)?;
        fill(directory.path()).map_err(Error::invalid)?;
        system = system
            .mount(directory.path(), "/mnt", MountMode::Overlay)
            .map_err(Error::invalid)?;
        options = options.working_directory("/mnt");
        script = script.input("root", Value::path("/mnt"))?;
    }
    if let Some(timezone) = &directives.timezone {
        options = options.local_timezone(timezone.as_str());
    }
    let script = script.host(host.os(system)).options(options);
    script.run_blocking()
}

/// The files that cases with `mount-fs` find.
fn fill(directory: &Path) -> std::io::Result<()> {
    std::fs::create_dir_all(directory.join("subdir/deep"))?;
    for (path, content) in [
        ("hello.txt", &b"hello world\n"[..]),
        ("empty.txt", b""),
        ("data.bin", b"\0\x01\x02\x03"),
        ("readonly.txt", b"readonly content"),
        ("subdir/nested.txt", b"nested content"),
        ("subdir/deep/file.txt", b"deep file"),
    ] {
        std::fs::write(directory.join(path), content)?;
    }
    Ok(())
}

fn compare(expected: &Expected, outcome: &Result<Report, Error>) -> Result<(), String> {
    match (expected, outcome) {
        (Expected::Finish, Ok(_)) => Ok(()),
        (Expected::Return(expected), Ok(report)) => equal(expected, &report.value.to_string()),
        (Expected::ReturnStr(expected), Ok(report)) => match report.value.as_str() {
            Some(text) => equal(expected, text),
            None => Err(format!("not a str: {}", report.value)),
        },
        (Expected::Raise(expected), Err(error)) => equal(expected, &exception_repr(error)),
        (Expected::Traceback(expected), Err(error)) => equal(expected, &traceback(error)),
        (Expected::Traceback(_) | Expected::Raise(_), Ok(report)) => {
            Err(format!("no exception, but {}", report.value))
        }
        (_, Err(error)) => Err(traceback(error)),
    }
}

/// `repr()` of the exception, or else the error itself.
fn exception_repr(error: &Error) -> String {
    error.exception().map_or_else(
        || error.to_string(),
        |exception| {
            Value::exception(&exception.type_name, exception.message.as_deref()).to_string()
        },
    )
}

fn equal(expected: &str, actual: &str) -> Result<(), String> {
    if expected == actual {
        Ok(())
    } else {
        Err(format!("expected:\n{expected}\nactual:\n{actual}"))
    }
}

/// The error as Python shows it: without the hint, which is this host's.
fn traceback(error: &Error) -> String {
    let report = error.exception_report();
    report.map_or_else(|| error.to_string(), ToString::to_string)
}

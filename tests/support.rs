//! What the suites share.

use std::path::{Path, PathBuf};
use std::sync::LazyLock;

use monty_host::{Error, Monty, Report, Script};

/// One interpreter for all tests: it is compiled once per machine. With
/// `MONTY_COMPONENT`, another build of the component.
static MONTY: LazyLock<Monty> = LazyLock::new(|| {
    let mut builder = Monty::builder();
    if let Ok(path) = std::env::var("MONTY_COMPONENT") {
        builder = builder.component(std::fs::read(path).expect("the component can be read"));
    }
    builder.build().expect("the interpreter starts")
});

/// The shared interpreter.
pub fn monty() -> &'static Monty {
    &MONTY
}

/// A script in the shared interpreter.
pub fn script(source: &str) -> Script {
    MONTY.script(source)
}

/// Runs a script that reaches nothing.
pub fn run(source: &str) -> Result<Report, Error> {
    script(source).run_blocking()
}

/// The `repr` of a script's value.
pub fn repr(source: &str) -> String {
    run(source)
        .expect("the script has a value")
        .value
        .to_string()
}

/// The interpreter is still fit for use.
pub fn assert_next_run_works() {
    assert_eq!(repr("sum(range(10))"), "45");
}

/// The root of the repository.
pub fn root() -> PathBuf {
    Path::new(env!("CARGO_MANIFEST_DIR")).join("..")
}

/// Compares with a snapshot in `snapshots/`.
macro_rules! assert_snapshot {
    ($name:expr, $value:expr) => {{
        let mut settings = insta::Settings::clone_current();
        settings.set_snapshot_path("../snapshots");
        settings.set_prepend_module_to_snapshot(false);
        settings.set_omit_expression(true);
        settings.bind(|| insta::assert_snapshot!($name, $value));
    }};
}
pub(crate) use assert_snapshot;

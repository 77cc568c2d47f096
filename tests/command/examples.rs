//! The examples that the command runs.

use std::process::Command;

use crate::program::output;
use crate::support::{assert_snapshot, root};

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
    assert_snapshot!("weather", output(&mut command));
}

#[test]
fn settings_on_the_command_line() {
    let mut command = Command::new(env!("CARGO_BIN_EXE_monty-host"));
    command
        .current_dir(root())
        .args(["run", "examples/settings/script.py"])
        .args(["--mount", "examples/settings/config::/config"]);
    assert_snapshot!("settings", output(&mut command));
}

#[test]
fn command_prints_the_wit_of_the_component() {
    let output = Command::new(env!("CARGO_BIN_EXE_monty-host"))
        .args(["wit", "--component"])
        .output()
        .expect("the command starts");
    assert_eq!(
        String::from_utf8_lossy(&output.stdout),
        monty_host::COMPONENT_WIT
    );
}

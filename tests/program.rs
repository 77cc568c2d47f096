//! Programs that the tests start.

use std::process::Command;

/// The output of a program that succeeds.
pub fn output(command: &mut Command) -> String {
    let output = command.output().expect("the command starts");
    let stderr = String::from_utf8_lossy(&output.stderr);
    assert!(output.status.success(), "{stderr}");
    assert_eq!(stderr, "", "a good run says nothing on stderr");
    String::from_utf8(output.stdout).expect("text")
}

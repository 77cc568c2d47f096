//! `monty-host check`, and `run --check`.

use crate::run::run_in;
use crate::support::assert_snapshot;

const STUBS: &str = "\
class Weather(TypedDict):
    celsius: float

def forecast(city: str, days: int = 1) -> Weather: ...
";

const SCRIPT: &str = "\
print('this does not run')
print(forecast('Oslo')['celsius'])
print(forecast(town='Rome')['temperature'])
count: int = 'five'
";

/// Commands in a folder with a script and stubs.
fn all(commands: &[&[&str]]) -> String {
    let folder = tempfile::tempdir().expect("there is room for files");
    std::fs::write(folder.path().join("trip.py"), SCRIPT).expect("the script is written");
    std::fs::write(folder.path().join("tools.pyi"), STUBS).expect("the stubs are written");
    let shown: Vec<_> = commands
        .iter()
        .map(|command| run_in(folder.path(), command, ""))
        .collect();
    shown.join("\n")
}

#[test]
fn formats() {
    let stubs = "--stubs=tools.pyi";
    assert_snapshot!(
        "formats",
        all(&[
            &["check", "trip.py", stubs],
            &["check", "trip.py", stubs, "--format", "concise"],
            &["check", "trip.py", stubs, "--format", "json"],
            &["check", "trip.py", stubs, "--format", "github"],
            &["check", "trip.py", stubs, "--format", "gitlab"],
            &["check", "trip.py", stubs, "--format", "xml"],
        ])
    );
}

#[test]
fn what_a_script_can_use() {
    let tool = "forecast(city, days=1)=false";
    assert_snapshot!(
        "reach",
        all(&[
            &[
                "check",
                "-c",
                "forecast('Oslo', limit)",
                "--tool",
                tool,
                "--input",
                "limit=3"
            ],
            &["check", "-c", "forecast(town='Oslo')", "--tool", tool],
            &["check", "-c", "limit.upper()", "--input", "limit=3"],
            &["check", "-c", "import numpy"],
            &["check", "./trip.py", "--tool", tool, "--format", "concise"],
            &["check", "-c", "1", "--stubs", "missing.pyi"],
            &["check", "missing.py"],
        ])
    );
}

#[test]
fn a_run_that_is_checked() {
    assert_snapshot!(
        "run",
        all(&[
            &[
                "run",
                "trip.py",
                "--check",
                "--stubs",
                "tools.pyi",
                "--tool",
                "forecast(city, days=1)=false"
            ],
            &["run", "--check", "-c", "print('it runs')"],
        ])
    );
}

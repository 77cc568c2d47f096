//! The command line.

use std::io::Write;
use std::path::Path;
use std::process::{Command, Stdio};

use crate::support::assert_snapshot;

/// Runs the command in a folder and shows all that a user sees.
pub fn run_in(folder: &Path, arguments: &[&str], stdin: &str) -> String {
    run_with(folder, arguments, stdin, &[])
}

/// The same with environment variables.
pub fn run_with(
    folder: &Path,
    arguments: &[&str],
    stdin: &str,
    variables: &[(&str, &str)],
) -> String {
    let mut child = Command::new(env!("CARGO_BIN_EXE_monty-host"))
        .args(arguments)
        .current_dir(folder)
        .env_remove("MONTY_SNAPSHOT_KEY")
        .envs(variables.iter().copied())
        .stdin(Stdio::piped())
        .stdout(Stdio::piped())
        .stderr(Stdio::piped())
        .spawn()
        .expect("the command starts");
    let mut input = child.stdin.take().expect("it is piped");
    input
        .write_all(stdin.as_bytes())
        .expect("the command reads");
    drop(input);
    let output = child.wait_with_output().expect("the command ends");
    format!(
        "$ monty-host {}\n{}--- stderr\n{}--- exit code {}\n",
        arguments.join(" "),
        String::from_utf8_lossy(&output.stdout),
        String::from_utf8_lossy(&output.stderr),
        output.status.code().expect("no signal"),
    )
}

fn run(arguments: &[&str]) -> String {
    let folder = tempfile::tempdir().expect("a folder");
    run_in(folder.path(), arguments, "")
}

fn all(commands: &[&[&str]]) -> String {
    commands
        .iter()
        .map(|arguments| run(arguments))
        .collect::<Vec<_>>()
        .join("\n")
}

#[test]
fn help() {
    assert_snapshot!(
        "command-help",
        all(&[
            &["--help"],
            &["run", "--help"],
            &["resume", "--help"],
            &["repl", "--help"],
            &["compile", "--help"],
        ])
    );
}

#[test]
fn values_and_prints() {
    let commands: &[&[&str]] = &[
        &["run", "-c", "print(6 * 7)"],
        &["run", "-c", "'a' * 3"],
        &["run", "-c", "x = 1"],
        &[
            "run",
            "-c",
            "import sys\nprint('out')\nprint('err', file=sys.stderr)\n[1.0, None]",
        ],
        &["run", "-c", "limit * 2", "--input", "limit=21"],
        &[
            "run",
            "-c",
            "city + str(n)",
            "--input",
            "city=\"Paris\"",
            "--input",
            "n=2.5",
        ],
    ];
    assert_snapshot!("command-values", all(commands));
}

#[test]
fn scripts_from_files_and_standard_input() {
    let folder = tempfile::tempdir().expect("a folder");
    std::fs::write(folder.path().join("ok.py"), "print('from a file')\n1 + 1\n").expect("written");
    std::fs::write(
        folder.path().join("bad.py"),
        "def f():\n    return 1 / 0\nf()\n",
    )
    .expect("written");
    std::fs::write(folder.path().join("a script"), "1").expect("written");
    let seen = [
        run_in(folder.path(), &["a script"], ""),
        run_in(folder.path(), &["run", "ok.py"], ""),
        run_in(folder.path(), &["run", "bad.py"], ""),
        run_in(folder.path(), &["run", "-"], "print('from stdin')"),
        run_in(folder.path(), &["run", "missing.py"], ""),
    ];
    assert_snapshot!("command-files", seen.join("\n"));
}

#[test]
fn exit_codes() {
    let commands: &[&[&str]] = &[
        &["run", "-c", "pass"],
        &["run", "-c", "raise ValueError('no')"],
        &["run", "-c", "x = = 1"],
        &["run", "-c", "while True: pass", "--max-duration", "20ms"],
        &["run", "-c", "'a' * 10**8", "--max-memory", "10MiB"],
        &[
            "run",
            "-c",
            "def f(): f()\nf()",
            "--max-recursion-depth",
            "30",
        ],
        &[
            "run",
            "-c",
            "import os\nfor i in range(9): os.getenv('X')",
            "--max-calls",
            "3",
        ],
    ];
    let mut settings = insta::Settings::clone_current();
    settings.add_filter(r"[\d.]+(µs|ms|s) >", "[elapsed] >");
    settings.add_filter(r"\d+ bytes >", "[used] bytes >");
    settings.bind(|| assert_snapshot!("command-exit-codes", all(commands)));
}

#[test]
fn usage_errors() {
    let commands: &[&[&str]] = &[
        &["run"],
        &["script.py"],
        &["frobnicate"],
        &["run", "a.py", "-c", "1"],
        &["run", "-c", "1", "--input", "limit"],
        &["run", "-c", "1", "--input", "city=Paris"],
        &["run", "-c", "1", "--input", "two words=1"],
        &["run", "-c", "1", "--tool", "broken"],
        &["run", "-c", "1", "--tool", "f(a b)=true"],
        &["run", "-c", "1", "--tool", "f(a=x)=true"],
        &["run", "-c", "1", "--async-tool", "f()="],
        &["run", "-c", "1", "--suspend", "f()=true"],
        &["run", "-c", "1", "--suspend", "f()"],
        &["run", "-c", "1", "--mount", "/tmp"],
        &["run", "-c", "1", "--mount", "/tmp::/tmp::rx"],
        &["run", "-c", "1", "--mount", "missing::/data"],
        &["run", "-c", "1", "--env", "LANG"],
        &["run", "-c", "1", "--cwd", "relative"],
        &["run", "-c", "1", "--max-memory", "10 parsecs"],
        &["run", "-c", "1", "--max-duration", "soon"],
        &["run", "-c", "1", "--precompiled", "missing.cwasm"],
    ];
    assert_snapshot!("command-usage-errors", all(commands));
}

#[test]
fn tools() {
    let commands: &[&[&str]] = &[
        &[
            "run",
            "-c",
            "echo('x', [1, None])",
            "--tool",
            "echo(a, b)=cat",
        ],
        &[
            "run",
            "-c",
            "echo(b=2)",
            "--tool",
            r#"echo(a="default, )", b=1)=cat"#,
        ],
        &[
            "run",
            "-c",
            "fail()",
            "--tool",
            "fail()=echo 'no such order' >&2; exit 3",
        ],
        &["run", "-c", "fail()", "--tool", "fail()=exit 3"],
        &["run", "-c", "text()", "--tool", "text()=echo not json"],
        &["run", "-c", "echo({1, 2})", "--tool", "echo(a)=cat"],
        &["run", "-c", "echo()", "--tool", "echo(a)=cat"],
        &["run", "-c", "echo(1, 2)", "--tool", "echo(a)=cat"],
        &["run", "-c", "echo(c=1)", "--tool", "echo(a)=cat"],
        &[
            "run",
            "-c",
            "try:\n    fail()\nexcept RuntimeError as e:\n    print('caught', e)",
            "--tool",
            "fail()=echo bad >&2; false",
        ],
        &["run", "-c", "fail()", "--tool", "fail()=exit 75"],
        &[
            "run",
            "-c",
            "nap()",
            "--tool",
            "nap()=exec sleep 600",
            "--call-timeout",
            "10ms",
        ],
    ];
    assert_snapshot!("command-tools", all(commands));
}

/// Each command waits until the other has started.
#[test]
fn async_tools_run_side_by_side() {
    let folder = tempfile::tempdir().expect("a folder");
    let meet = |mine: &str, other: &str| {
        format!(
            "{mine}()=touch {mine}; until [ -e {other} ]; do sleep 0.01; done; echo '\"{mine}\"'"
        )
    };
    let (left, right) = (meet("left", "right"), meet("right", "left"));
    let gather = "import asyncio\nasync def main():\n    return await asyncio.gather(left(), right())\nasyncio.run(main())";
    let run = [
        "run",
        "-c",
        gather,
        "--async-tool",
        &left,
        "--async-tool",
        &right,
    ];
    let one = ["--max-concurrent-calls", "1"];
    let seen = [
        run_in(folder.path(), &run, ""),
        run_in(folder.path(), &[&run, &one[..]].concat(), ""),
    ];
    assert_snapshot!("command-async-tools", seen.join("\n"));
}

#[test]
fn mounts_and_environment() {
    let folder = tempfile::tempdir().expect("a folder");
    std::fs::create_dir(folder.path().join("data")).expect("made");
    std::fs::write(folder.path().join("data/a.txt"), "content").expect("written");
    let write = "from pathlib import Path\nPath('/data/b.txt').write_text('new')\nsorted(p.name for p in Path('/data').iterdir())";
    let run = |arguments: &[&str]| run_in(folder.path(), arguments, "");
    let mut seen = vec![
        run(&[
            "run",
            "-c",
            "open('/data/a.txt').read()",
            "--mount",
            "data::/data",
        ]),
        run(&["run", "-c", write, "-m", "data::/data::ro"]),
        run(&["run", "-c", write, "-m", "data::/data::overlay"]),
    ];
    assert!(!folder.path().join("data/b.txt").exists());
    seen.push(run(&["run", "-c", write, "-m", "data::/data::rw"]));
    assert!(folder.path().join("data/b.txt").exists());
    seen.push(run(&[
        "run",
        "-c",
        "open('a.txt').read()",
        "-m",
        "data::/data",
        "--cwd",
        "/data",
    ]));
    seen.push(run(&[
        "run",
        "-c",
        "import os\ndict(os.environ)",
        "--env",
        "A=1",
        "--env",
        "B=x=y",
    ]));
    assert_snapshot!("command-mounts", seen.join("\n"));
}

#[test]
fn json() {
    let commands: &[&[&str]] = &[
        &["run", "--json", "-c", "print('hi')\n{'a': [1, 2.5, None]}"],
        &["run", "--json", "-c", "{1: float('inf')}"],
        &[
            "run",
            "--json",
            "-c",
            "print('hi')\ndef f():\n    return {}['k']\nf()",
        ],
        &["run", "--json", "-c", "x = = 1"],
        &[
            "run",
            "--json",
            "-c",
            "while True: pass",
            "--max-duration",
            "20ms",
        ],
    ];
    let mut settings = insta::Settings::clone_current();
    settings.add_filter(
        r#""(python_micros|host_micros|peak_memory_bytes)": \d+"#,
        r#""$1": [number]"#,
    );
    settings.add_filter(r"[\d.]+(µs|ms|s) >", "[elapsed] >");
    settings.bind(|| assert_snapshot!("command-json", all(commands)));
}

#[test]
fn wit() {
    let wit = run(&["wit"]);
    assert!(wit.contains("package monty:sandbox@0.1.0;"));
    for interface in ["types", "external-call", "os-call", "print", "interpreter"] {
        assert!(
            wit.contains(&format!("interface {interface} {{")),
            "{interface}"
        );
    }
}

#[test]
fn compile_and_run_precompiled() {
    let folder = tempfile::tempdir().expect("a folder");
    let seen = [
        run_in(folder.path(), &["compile", "--output", "m.cwasm"], ""),
        run_in(
            folder.path(),
            &["run", "-c", "1 + 1", "--precompiled", "m.cwasm"],
            "",
        ),
        run_in(
            folder.path(),
            &["compile", "--output", "no/such/folder.cwasm"],
            "",
        ),
    ];
    assert_snapshot!("command-compile", seen.join("\n"));
}

//! The command line.

use std::io::Write;
use std::path::Path;
use std::process::{Command, Stdio};

use crate::documents::{documents, hide_numbers};
use crate::support::{assert_snapshot, root};

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

/// Runs the command with a standard stream of its own, and gives what it wrote
/// to the other one and its exit code.
#[cfg(target_os = "linux")]
fn run_on(
    arguments: &[&str],
    stdout: Option<Stdio>,
    stderr: Option<Stdio>,
) -> (String, Option<i32>) {
    let output = Command::new(env!("CARGO_BIN_EXE_monty-host"))
        .args(arguments)
        .stdin(Stdio::null())
        .stdout(stdout.unwrap_or_else(Stdio::piped))
        .stderr(stderr.unwrap_or_else(Stdio::piped))
        .output()
        .expect("the command ends");
    let seen = [output.stdout, output.stderr].concat();
    (String::from_utf8(seen).expect("text"), output.status.code())
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
        "help",
        all(&[
            &["--help"],
            &["run", "--help"],
            &["check", "--help"],
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
    assert_snapshot!("values", all(commands));
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
    assert_snapshot!("files", seen.join("\n"));
}

#[test]
fn exit_codes() {
    let commands: &[&[&str]] = &[
        &["run", "-c", "pass"],
        &[
            "run",
            "-c",
            "pass",
            "--max-memory",
            "1.5GiB",
            "--max-duration",
            "1h30m",
            "--max-output",
            "1_000_000",
        ],
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
    settings.bind(|| assert_snapshot!("exit-codes", all(commands)));
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
        &["run", "-c", "1", "--working-directory", "relative"],
        &["run", "-c", "1", "--max-memory", "10 parsecs"],
        &["run", "-c", "1", "--max-memory", "-1"],
        &["run", "-c", "1", "--max-memory", "much"],
        &["run", "-c", "1", "--max-memory", "99999999999GiB"],
        &["run", "-c", "1", "--max-duration", "soon"],
        &["run", "-c", "1", "--tool", "f(a, a)=true"],
        &["run", "-c", "1", "--tool", "f(a=1, b)=true"],
        &["run", "-c", "1", "--tool", "class(a)=true"],
        &[
            "run",
            "-c",
            "1",
            "--tool",
            "f()=true",
            "--async-tool",
            "f()=true",
        ],
        &["run", "-c", "1", "--precompiled", "missing.cwasm"],
    ];
    assert_snapshot!("usage-errors", all(commands));
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
        &["run", "-c", "text()", "--tool", "text()=true"],
        &[
            "run",
            "-c",
            "text()",
            "--tool",
            "text()=printf 'x%.0s' $(seq 100)",
        ],
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
            "--max-call-duration",
            "10ms",
        ],
    ];
    assert_snapshot!("tools", all(commands));
}

/// As `def` has them, and bound by the library.
/// A tool's own words are not lost.
#[test]
fn errors_of_tools() {
    let tool = |command: &str| {
        let tool = format!("f()={command}");
        run(&["--tool", &tool, "-c", "f()"])
    };
    let folder = tempfile::tempdir().expect("a folder");
    let config = r#"{ "tools": { "f()": { "command": "echo configured >&2; echo 1" } } }"#;
    std::fs::write(folder.path().join("monty.json"), config).expect("written");
    let configured = ["--config", "monty.json", "-c", "f()"];
    let seen = [
        run_in(folder.path(), &configured, ""),
        tool("echo first >&2; echo second >&2; echo 1"),
        tool("echo 'no network' >&2; exit 3"),
        tool("exit 3"),
        tool("kill -9 $$"),
        run(&[
            "--tool",
            "get_weather(city)=echo 1",
            "-c",
            "get_wether('Oslo')",
        ]),
        run(&[
            "--tool",
            "get_weather(city)=echo 1",
            "-c",
            "weather = undefined",
        ]),
        run(&["--tool", "a()=echo 1", "--tool", "a()=echo 2", "-c", "1"]),
        run(&["--tool", "1a()=echo 1", "-c", "1"]),
        run(&["--tool", "def()=echo 1", "-c", "1"]),
    ];
    assert_snapshot!("errors-of-tools", seen.join("\n"));
}

#[test]
fn parameters_of_tools() {
    let echo = "echo(a, b=[1, 2], *rest, by_name, c=\"x\", **others)=cat";
    let named = "named(a, *, b, c=null)=cat";
    let commands: &[(&str, &str)] = &[
        ("echo(1, by_name=2)", echo),
        ("echo(1, 2, 3, 4, by_name=5, c=6, d=7)", echo),
        ("echo(1)", echo),
        ("echo(by_name=1)", echo),
        ("named(1, b=2)", named),
        ("named(1, 2)", named),
        ("named(1, 2, b=3)", named),
        ("named(1, bb=2)", named),
        ("named(1)", named),
        ("1", "named(a, *)=cat"),
        ("1", "named(*, *, a)=cat"),
        ("1", "named(*a, *b)=cat"),
        ("1", "named(**a, b)=cat"),
        ("1", "named(*a=1)=cat"),
        ("1", "named(*, a, *b)=cat"),
    ];
    let seen: Vec<_> = commands
        .iter()
        .map(|(code, tool)| run(&["run", "-c", code, "--tool", tool]))
        .collect();
    assert_snapshot!("tool-parameters", seen.join("\n"));
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
    assert_snapshot!("async-tools", seen.join("\n"));
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
        "--working-directory",
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
    assert_snapshot!("mounts", seen.join("\n"));
}

#[test]
fn completions_and_man_pages() {
    for shell in ["bash", "elvish", "fish", "powershell", "zsh"] {
        let script = run(&["completions", shell]);
        assert!(script.contains("monty-host"), "{shell}: {script}");
        assert!(script.contains("snapshot-key-file"), "{shell}: {script}");
    }
    let folder = tempfile::tempdir().expect("a folder");
    let seen = run_in(folder.path(), &["man", "man1"], "");
    let pages = std::fs::read_dir(folder.path().join("man1")).expect("written");
    let mut pages: Vec<_> = pages
        .map(|page| page.expect("a page").file_name().into_string())
        .map(|name| name.expect("text"))
        .collect();
    pages.sort();
    let page = std::fs::read_to_string(folder.path().join("man1/monty-host-run.1"));
    let page = page.expect("a page of its own");
    assert!(
        page.contains(".SH \"EXIT CODES\"") || page.contains("Exit codes:"),
        "{page}"
    );
    let refused = run(&["man", "/dev/null/man1"]);
    let shown = format!("{seen}{}\n\n{refused}", pages.join("\n"));
    assert_snapshot!("man-pages", shown);
}

/// Whatever changes from run to run can be fixed.
#[test]
fn time_and_randomness() {
    let code = "import datetime, os, random, time\n(datetime.datetime.now().isoformat(), time.tzname, time.timezone, time.time(), random.random(), os.urandom(4))";
    let fixed = ["--clock", "2026-01-31T12:00:00.5+01:00", "--seed", "7"];
    let with = |arguments: &[&str]| run(&[&fixed, arguments, &["-c", code]].concat());
    assert_eq!(with(&[]), with(&[]));
    let seen = [
        with(&["--timezone", "Europe/London"]),
        with(&["--timezone", "-05:30"]),
        run(&["--timezone", "+2", "-c", "1"]),
        run(&["--timezone", "Mars/Olympus", "-c", "1"]),
        run(&["--clock", "2026-01-31T12:00:00", "-c", "1"]),
        run(&["--clock", "noon", "-c", "1"]),
        run(&["--seed", "-1", "-c", "1"]),
    ];
    assert_snapshot!("time-and-randomness", seen.join("\n"));
}

#[test]
fn limits() {
    let sleep = "import time\ntime.sleep(1)";
    let count = "sum(range(10 ** 9))";
    let config = r#"{ "limits": { "sleep": "10ms", "message": "1KiB", "grace": "1s" } }"#;
    let folder = tempfile::tempdir().expect("a folder");
    std::fs::write(folder.path().join("monty.json"), config).expect("written");
    let configured = |code| run_in(folder.path(), &["--config", "monty.json", "-c", code], "");
    let seen = [
        run(&["--max-sleep", "10ms", "-c", sleep]),
        run(&["--max-message", "1KiB", "-c", "'a' * 2000"]),
        configured(sleep),
        configured("'a' * 2000"),
    ];
    assert_snapshot!("limits", seen.join("\n"));
    // How far it came differs.
    let stopped = run(&["--max-duration", "5ms", "--grace", "1ms", "-c", count]);
    assert!(stopped.contains("time limit exceeded"), "{stopped}");
    assert!(stopped.ends_with("--- exit code 3\n"), "{stopped}");
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
    hide_numbers(&mut settings);
    settings.add_filter(r"[\d.]+(µs|ms|s) >", "[elapsed] >");
    let seen = all(commands);
    assert_eq!(documents(&seen).len(), commands.len());
    settings.bind(|| assert_snapshot!("json", seen));
}

/// A program that reads documents reads one in any case.
#[test]
fn usage_errors_as_documents() {
    let commands: &[&[&str]] = &[
        &["run", "--json"],
        &["script.py", "--json"],
        &["frobnicate", "--json"],
        &["run", "a.py", "-c", "1", "--json"],
        &["run", "--json", "-c", "1", "--input", "two words=1"],
        &["run", "--json", "-c", "1", "--max-memory", "much"],
        &["run", "--json", "-c", "1", "--suspend", "f()"],
        &["run", "--json", "-c", "1", "--precompiled", "missing.cwasm"],
        &["resume", "missing.snapshot", "--json"],
        &["check", "-c", "1", "--json"],
    ];
    let seen = all(commands);
    let found = documents(&seen);
    assert_eq!(found.len(), commands.len());
    for document in found {
        assert_eq!(document["error"]["kind"], "request", "{document}");
    }
    let mut settings = insta::Settings::clone_current();
    hide_numbers(&mut settings);
    settings.bind(|| assert_snapshot!("usage-documents", seen));
    // An argument that is the value of another, or text for the script.
    let shown = run(&["run", "--", "--json"]);
    assert!(documents(&shown).is_empty(), "{shown}");
}

#[cfg(feature = "checker")]
#[test]
fn what_the_checker_found_is_in_the_document() {
    let arguments = [
        "run", "--json", "--check", "-c", "f(1, 2)", "--tool", "f(a)=cat",
    ];
    let seen = run(&arguments);
    let found = documents(&seen);
    assert_eq!(found[0]["error"]["kind"], "check");
    assert_snapshot!("check-document", seen);
}

#[test]
fn the_schema_of_documents() {
    let seen = run(&["run", "--json-schema"]);
    let schema = format!(
        "$ monty-host run --json-schema\n{}--- stderr\n--- exit code 0\n",
        monty_document::SCHEMA
    );
    assert_eq!(seen, schema);
}

/// A device that is always full.
#[cfg(target_os = "linux")]
fn full() -> Stdio {
    let device = std::fs::File::options().write(true).open("/dev/full");
    device.expect("there is one").into()
}

#[cfg(target_os = "linux")]
#[test]
fn output_that_cannot_be_written_is_not_lost_in_silence() {
    let commands: &[&[&str]] = &[
        &["run", "-c", "print('hi')\n1/0"],
        &["run", "-c", "1"],
        &["run", "-c", "1", "--json"],
        &["wit"],
        &["capabilities"],
        &["--help"],
    ];
    for arguments in commands {
        let (stderr, code) = run_on(arguments, Some(full()), None);
        assert!(
            stderr.starts_with("error: ")
                && stderr.ends_with("cannot be written: No space left on device (os error 28)\n"),
            "{arguments:?}: {stderr}"
        );
        assert_eq!(code, Some(6), "{arguments:?}");
    }
    // What nobody reads changes nothing.
    let commands: &[(&[&str], i32)] = &[
        (&["run", "-c", "1/0"], 1),
        (&["run", "-c", "1", "--mount", "missing::/data"], 2),
        (
            &["run", "-c", "while True: pass", "--max-duration", "20ms"],
            3,
        ),
        (&["frobnicate"], 2),
    ];
    for (arguments, expected) in commands {
        let (stdout, code) = run_on(arguments, None, Some(full()));
        assert_eq!(
            (stdout.as_str(), code),
            ("", Some(*expected)),
            "{arguments:?}"
        );
    }
}

#[cfg(target_os = "linux")]
#[test]
fn a_reader_that_leaves_ends_the_script() {
    let folder = tempfile::tempdir().expect("a folder");
    let called = folder.path().join("called");
    let tool = format!("call()=touch '{}'; echo 1", called.display());
    let source = "print('first')\ncall()";
    let (reader, writer) = std::io::pipe().expect("a pipe");
    drop(reader);
    let arguments = ["run", "-c", source, "--tool", &tool];
    let (stderr, code) = run_on(&arguments, Some(writer.into()), None);
    assert_eq!((stderr.as_str(), code), ("", Some(141)));
    assert!(!called.exists(), "the script went on");
}

#[test]
fn code_and_numbers_that_begin_with_a_hyphen() {
    let commands: &[&[&str]] = &[
        &["run", "-c", "-1"],
        &["run", "--code", "-x", "--input", "x=-1"],
    ];
    assert_snapshot!("hyphens", all(commands));
}

#[test]
fn integers_of_any_size() {
    let commands: &[&[&str]] = &[
        &["run", "-c", "n + 1", "--input", "n=36893488147419103232"],
        &[
            "run",
            "-c",
            "f() + 1",
            "--tool",
            "f()=echo -36893488147419103232",
        ],
        &["run", "-c", "echo(2**64)", "--tool", "echo(a)=cat"],
        &["run", "-c", "1", "--tool", "f(a=36893488147419103232)=cat"],
    ];
    let digits = format!("n={}", "7".repeat(4301));
    let seen = [all(commands), run(&["run", "-c", "n", "--input", &digits])];
    let seen = seen.join("\n").replace(&digits, "n=[4301 digits]");
    assert_snapshot!("integers", seen.replace(&digits[2..], "[4301 digits]"));
}

/// A message of 20 MB, as JSON 120, and prints before a limit from outside.
#[test]
fn documents_of_errors() {
    let seen = |code| {
        let shown = run_in(Path::new("."), &["run", "--json", "-c", code], "");
        assert!(shown.len() < 10 << 20, "{} bytes", shown.len());
        shown
    };
    let shown = seen("raise ValueError('\\x01' * 20_000_000)");
    assert!(shown.contains("… (18951424 more bytes)\""));
    documents(&shown);
    let shown = seen("for i in range(300): print('line', i)\nexec('x=' + '1,' * 4_000_000)");
    assert!(shown.contains("line 299"), "{shown}");
}

/// The arguments and answers of tools are text on the way, which may be longer
/// than they are: that counts too, and so does the time to make and read it.
#[test]
fn what_tools_cost_the_host() {
    let many = "import asyncio\ns = '\\x01' * 1_000_000\nawait asyncio.gather(*[f([s] * 6) for _ in range(4)])";
    let for_ever = "s = '\\x01' * 1_000_000\nwhile True: f([s] * 6)";
    let caught = "import asyncio\nasync def g():\n    while True:\n        try: await f()\n        except RuntimeError: pass\nawait asyncio.gather(*[g() for _ in range(4)])";
    let commands: &[&[&str]] = &[
        &[
            "run",
            "-c",
            many,
            "--async-tool",
            "f(x)=sleep 60",
            "--max-host-memory",
            "64MiB",
            // Whatever else this machine does.
            "--max-host-duration",
            "1min",
        ],
        &[
            "run",
            "-c",
            for_ever,
            "--tool",
            "f(x)=echo 1",
            "--max-host-duration",
            "300ms",
        ],
        &[
            "run",
            "-c",
            "f()",
            "--tool",
            "f()=head -c 9000000 /dev/zero | tr '\\0' ' '",
            "--max-host-memory",
            "8MiB",
        ],
        &[
            "run",
            "-c",
            "f()",
            "--tool",
            "f()=printf '['; yes '[],' | head -n 100000; printf '0]'",
            "--max-host-memory",
            "8MiB",
        ],
        &[
            "run",
            "-c",
            caught,
            "--async-tool",
            "f()=printf '['; yes '[],' | head -n 100000",
            "--max-host-duration",
            "300ms",
        ],
    ];
    assert_snapshot!("tool-costs", all(commands));
}

/// Values that are small in the script and long as text.
#[test]
fn a_value_that_is_too_long() {
    let large = "['\\x01' * 2_000_000] * 5";
    let commands: &[&[&str]] = &[
        &["run", "-c", large],
        &["run", "-c", large, "--json"],
        &["run", "-c", "{'a': {1, 2}}", "--max-output", "12"],
        &["run", "-c", "{'a': {1, 2}}", "--max-output", "13"],
        &["run", "-c", "print(1234)\n'12345678'", "--max-output", "14"],
        // As JSON, the list has a line for each item.
        &["run", "-c", "[1, 2, 3]", "--max-output", "25", "--json"],
        &["run", "-c", "[1, 2, 3]", "--max-output", "24", "--json"],
        &["run", "-c", "{1, 2}", "--max-output", "5", "--json"],
    ];
    let mut seen = all(commands);
    documents(&seen);
    let input = "['\\x01' * 2_000_000] * 5\n1 + 1\n";
    seen.push_str(&run_in(Path::new("."), &["repl"], input));
    let mut settings = insta::Settings::clone_current();
    hide_numbers(&mut settings);
    settings.bind(|| assert_snapshot!("long-values", seen));
}

#[test]
fn an_exception_that_is_too_long() {
    let inherits = format!("class A: pass\nclass B(A): '{}'", "x".repeat(100_000));
    let commands: &[&[&str]] = &[
        &[
            "run",
            "-c",
            "raise ValueError('x' * 100_000)",
            "--max-output",
            "20KiB",
        ],
        // The prints count too.
        &[
            "run",
            "-c",
            "print('y' * 10)\nraise ValueError('x' * 20_390)",
            "--max-output",
            "20KiB",
        ],
        // An exception has some room even so.
        &[
            "run",
            "-c",
            "raise ValueError('x' * 100_000)",
            "--max-output",
            "10",
        ],
        // The cut is not in the middle of a character.
        &[
            "run",
            "-c",
            "raise ValueError('é' * 100_000)",
            "--max-output",
            "20001B",
        ],
        // The hint comes after it.
        &["run", "-c", &inherits, "--max-output", "10"],
    ];
    let mut seen = all(commands);
    let input = "raise ValueError('x' * 100_000)\n1 + 1\n";
    let repl = ["repl", "--max-output", "20KiB"];
    seen.push_str(&run_in(Path::new("."), &repl, input));
    let mut settings = insta::Settings::clone_current();
    settings.add_filter("x{1000,}", "[many x]");
    settings.add_filter("é{1000,}", "[many é]");
    settings.bind(|| assert_snapshot!("long-exceptions", seen));
}

#[test]
fn answers_that_cannot_be_read() {
    let commands: &[&[&str]] = &[
        &[
            "run",
            "-c",
            "deep()",
            "--tool",
            "deep()=head -c 5000 /dev/zero | tr '\\0' '['",
        ],
        &[
            "run",
            "-c",
            "settings()",
            "--tool",
            "settings()=echo '{yes: 1}'",
        ],
        &["run", "-c", "word()", "--tool", "word()=echo yes"],
        &["run", "-c", "later()", "--tool", "later()=exit 75"],
    ];
    assert_snapshot!("unread-answers", all(commands));
}

/// Once, and compressed: uncompressed it is some ten megabytes.
#[test]
fn the_component_is_in_the_command_once() {
    let command = std::fs::read(env!("CARGO_BIN_EXE_monty-host")).expect("it can be read");
    let places = |component: &[u8]| {
        let middle = component.len() / 2;
        let (first, rest) = component[middle..middle + 1024].split_at(8);
        let windows = command.windows(8).enumerate();
        windows
            .filter(|(index, window)| *window == first && command[index + 8..].starts_with(rest))
            .count()
    };
    let file = root().join("host/component/monty.wasm.zst");
    let compressed = std::fs::read(file).expect("it is there");
    assert_eq!(places(&compressed), 1);
    let component = monty_host::component().expect("it is whole");
    assert_eq!(places(&component), 0);
}

#[test]
fn wit() {
    let wit = run(&["wit"]);
    assert!(wit.contains("package monty:sandbox@0.2.0;"));
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
    assert_snapshot!("compile", seen.join("\n"));
}

#[cfg(unix)]
mod processes {
    use std::path::{Path, PathBuf};
    use std::process::{Command, Stdio};
    use std::time::{Duration, Instant};

    use rustix::process::{Pid, Signal, kill_process, test_kill_process};

    use super::{run_in, run_with};

    /// Much less than the commands sleep.
    const STUCK: Duration = Duration::from_secs(120);

    /// A process that leaves its number in a file, and sleeps.
    struct Sleeper(tempfile::TempDir);

    impl Sleeper {
        fn new() -> Self {
            Self(tempfile::tempdir().expect("a folder"))
        }

        fn folder(&self) -> &Path {
            self.0.path()
        }

        fn file(&self) -> PathBuf {
            self.folder().join("sleeper")
        }

        fn is_awake(&self) -> bool {
            let number = std::fs::read_to_string(self.file()).expect("it began");
            let number = number.trim().parse().expect("a number");
            test_kill_process(Pid::from_raw(number).expect("not 0")).is_ok()
        }

        /// Fails if it does not end.
        fn assert_ended(&self) {
            let began = Instant::now();
            while self.is_awake() {
                assert!(began.elapsed() < STUCK, "a tool's child outlived it");
                std::thread::sleep(Duration::from_millis(5));
            }
        }
    }

    /// A command that starts a sleeper, and goes on with another one.
    fn starts(rest: &str) -> String {
        format!("f()=sleep 3600 & echo $! > number; mv number sleeper; {rest}")
    }

    #[test]
    fn a_time_out_ends_what_a_tool_started() {
        let calls = [
            ("--tool", "f()"),
            ("--async-tool", "import asyncio\nasyncio.run(f())"),
        ];
        for (option, call) in calls {
            let sleeper = Sleeper::new();
            let tool = starts("wait");
            let arguments = [
                "run",
                "-c",
                call,
                option,
                &tool,
                "--max-call-duration",
                "500ms",
            ];
            let seen = run_in(sleeper.folder(), &arguments, "");
            assert!(
                seen.contains("TimeoutError: f() took longer than 500ms"),
                "{seen}"
            );
            sleeper.assert_ended();
        }
    }

    #[test]
    fn a_script_that_ends_first_ends_its_tools() {
        let sleeper = Sleeper::new();
        let tool = starts("wait");
        let code = "import asyncio\nasync def fails():\n    await begun()\n    1/0\nawait asyncio.gather(f(), fails())";
        let begun = "begun()=until [ -e sleeper ]; do sleep 0.01; done; echo 1";
        let tools = ["--async-tool", &tool, "--async-tool", begun];
        let arguments = [&["run", "-c", code][..], &tools].concat();
        let seen = run_in(sleeper.folder(), &arguments, "");
        assert!(seen.contains("ZeroDivisionError"), "{seen}");
        sleeper.assert_ended();
    }

    #[test]
    fn a_child_in_the_background_delays_nothing_and_ends() {
        let sleeper = Sleeper::new();
        let began = Instant::now();
        let arguments = ["run", "-c", "f()", "--tool", &starts("echo '\"done\"'")];
        let seen = run_in(sleeper.folder(), &arguments, "");
        assert!(seen.contains("'done'"), "{seen}");
        assert!(began.elapsed() < STUCK);
        sleeper.assert_ended();
    }

    #[test]
    fn signals_end_the_tools_too() {
        for (signal, code) in [(Signal::TERM, 143), (Signal::INT, 130), (Signal::HUP, 129)] {
            let sleeper = Sleeper::new();
            let mut command = Command::new(env!("CARGO_BIN_EXE_monty-host"))
                .args(["run", "-c", "f()", "--tool", &starts("wait")])
                .current_dir(sleeper.folder())
                .stdout(Stdio::null())
                .spawn()
                .expect("the command starts");
            let began = Instant::now();
            while !sleeper.file().exists() {
                assert!(began.elapsed() < STUCK, "the tool did not start");
                std::thread::sleep(Duration::from_millis(5));
            }
            kill_process(Pid::from_child(&command), signal).expect("sent");
            assert_eq!(command.wait().expect("it ends").code(), Some(code));
            sleeper.assert_ended();
        }
    }

    #[test]
    fn what_a_tool_writes_is_capped() {
        let folder = tempfile::tempdir().expect("a folder");
        let run = |code, tool| run_in(folder.path(), &["run", "-c", code, "--tool", tool], "");
        let caught = "try:\n    f()\nexcept RuntimeError as e:\n    print(e)";
        let seen = run(caught, "f()=yes");
        let expected = "f() answered with more than 16777216 bytes; ask it for less\n";
        assert!(seen.contains(expected), "{seen}");
        // Of an error the end counts.
        let caught = "try:\n    f()\nexcept RuntimeError as e:\n    print(len(str(e)) - len('f() failed: exit status 1: '), str(e)[-5:])";
        let seen = run(caught, "f()=yes | head -c 1000000 >&2; echo end >&2; false");
        assert!(seen.contains("65535 y\nend\n"), "{seen}");
    }

    #[test]
    fn a_tool_does_not_get_the_key() {
        let folder = tempfile::tempdir().expect("a folder");
        let tool = "f()=printenv OTHER; printenv MONTY_SNAPSHOT_KEY || true";
        let arguments = ["run", "-c", "f()", "--tool", tool];
        let variables = [("MONTY_SNAPSHOT_KEY", "123456"), ("OTHER", "7")];
        let seen = run_with(folder.path(), &arguments, "", &variables);
        assert!(seen.contains("\n7\n--- stderr"), "{seen}");
    }
}

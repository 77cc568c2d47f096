//! `monty-cli.wasm`, as `wasmtime run` runs it.

use std::sync::LazyLock;

use serde_json::Value as Json;
use wasmtime::component::Component;
use wasmtime_wasi::cli::OutputFile;
use wasmtime_wasi::p2::pipe::MemoryOutputPipe;

use crate::documents::{document, documents};
use crate::support::{
    Ran, Terminal, assert_snapshot, composition, directory, mount, mount_read_only, root, run,
    stdin,
};

static COMMAND: LazyLock<Component> = LazyLock::new(|| composition("monty-cli"));

fn cli(arguments: &[&str]) -> Ran {
    run(&COMMAND, |wasi| {
        wasi.arg("monty-cli.wasm").args(arguments);
    })
}

/// The arguments, and the outcome.
fn table<'a>(lines: impl IntoIterator<Item = &'a [&'a str]>) -> String {
    lines
        .into_iter()
        .map(|arguments| format!("$ {}\n{}\n", arguments.join(" "), cli(arguments)))
        .collect()
}

#[test]
fn code_prints_and_then_its_value() {
    assert_snapshot!(
        "code",
        table([
            &["-c", "print('hi')\n6 * 7"][..],
            &["--code", "None"],
            &[
                "-c",
                "import sys\nprint('out')\nprint('err', file=sys.stderr)\n'é'"
            ],
            &[
                "--input",
                "n=[1, 2.5]",
                "--input",
                "t=\"x\"",
                "-c",
                "(sum(n), t)"
            ],
            &["--input", "n=36893488147419103232", "-c", "n + 1"],
            &[
                "--working-directory",
                "/data",
                "-c",
                "import pathlib\nstr(pathlib.Path.cwd())"
            ],
        ])
    );
}

#[test]
fn a_file_is_found_in_the_directory_that_is_given() {
    let folder = directory();
    std::fs::write(
        folder.path().join("script.py"),
        "def f():\n    return 1 / 0\nf()\n",
    )
    .expect("written");
    let ran = run(&COMMAND, |wasi| {
        mount(wasi, folder.path(), ".");
        wasi.args(&["monty-cli.wasm", "script.py"]);
    });
    assert_snapshot!("file", ran.to_string());
}

#[test]
fn a_script_reads_and_writes_that_directory() {
    let folder = directory();
    let data = directory();
    std::fs::write(data.path().join("in.txt"), "1\n2\n").expect("written");
    let script = "\
from pathlib import Path
numbers = [int(line) for line in open('/data/in.txt')]
Path('out.txt').write_text(str(sum(numbers)))
for path in ['/data/out.txt', '/other']:
    try:
        Path(path).write_text('x')
    except OSError as error:
        print(type(error).__name__, error)
sorted(str(path) for path in Path('/').rglob('*'))
";
    let ran = run(&COMMAND, |wasi| {
        mount(wasi, folder.path(), ".");
        mount_read_only(wasi, data.path(), "/data");
        wasi.args(&["monty-cli.wasm", "-c", script]);
    });
    assert_snapshot!("directories", ran.to_string());
    let written = std::fs::read_to_string(folder.path().join("out.txt"));
    assert_eq!(written.expect("it was written"), "3");
}

#[test]
fn a_script_arrives_on_standard_input() {
    let ran = run(&COMMAND, |wasi| {
        stdin(wasi, "print('from stdin')\nundefined\n");
        wasi.args(&["monty-cli.wasm", "-"]);
    });
    assert_snapshot!("stdin", ran.to_string());
}

#[test]
fn failures_have_one_exit_code_and_say_which() {
    assert_snapshot!(
        "failures",
        table([
            &["-c", "raise ValueError('x')"][..],
            &["-c", "x ="],
            &["-c", "class A(B): pass"],
            &["--max-duration", "50ms", "-c", "while True: pass"],
            &["--max-memory", "4MiB", "-c", "[0] * 10_000_000"],
            &["--max-recursion-depth", "10", "-c", "def f(): f()\nf()"],
            &["--max-recursion-depth", "0", "-c", "1"],
            &["--max-output", "10", "-c", "print('x' * 10)"],
            &["--max-output", "10", "-c", "print('xxxx')\n'yyyy'"],
            &["--max-output", "10", "-c", "raise ValueError"],
        ])
    );
}

#[test]
fn usage_errors_say_what_to_write() {
    assert_snapshot!(
        "usage",
        table([
            &[][..],
            &["none.py"],
            &["a.py", "-c", "1"],
            &["--tool", "f()=x"],
            &["--input", "x", "-c", "1"],
            &["--input", "x=y", "-c", "1"],
            &["--input", "1x=1", "-c", "1"],
            &["--max-memory", "64apples", "-c", "1"],
            &["--max-duration", "soon", "-c", "1"],
            &["--max-recursion-depth", "-1", "-c", "1"],
            &["-c"],
        ])
    );
}

#[test]
fn help_and_version() {
    assert_snapshot!("help", table([&["--help"][..], &["-V"]]));
}

/// Each option is one of `monty-host run`, with the same kind of value and the
/// same default.
#[test]
fn the_options_are_those_of_monty_host() {
    let host = root().join("snapshots/command/run/help.snap");
    let host = std::fs::read_to_string(host).expect("the snapshot is there");
    let (_, host) = host.split_once("$ monty-host run --help").expect("run");
    let (host, _) = host.split_once("$ monty-host").expect("and another");
    // Where clap breaks a line does not matter.
    let words: Vec<&str> = host.split_whitespace().collect();
    let host = words.join(" ");
    let help = cli(&["--help"]).stdout;
    let options = help.lines().filter(|line| line.contains(" --"));
    let mut compared = 0;
    for line in options.skip_while(|line| !line.starts_with("  -c")) {
        let (_, option) = line.split_once("--").expect("an option");
        let mut words = option.split("  ").next().expect("a name").split(' ');
        let name = words.next().expect("a name");
        if name == "version" {
            continue;
        }
        let wanted = match words.next() {
            Some(value) => format!("--{name} <{value}> "),
            None => format!("--{name} "),
        };
        let (_, described) = host
            .split_once(&wanted)
            .unwrap_or_else(|| panic!("{wanted}"));
        if let Some((_, default)) = line.split_once("[default: ") {
            let found = described.split("[default: ").nth(1).expect("a default");
            assert!(found.starts_with(default), "{line}: {found}");
        }
        compared += 1;
    }
    assert_eq!(compared, 10, "{help}");
}

#[test]
fn json_is_one_document() {
    let text = table([
        &[
            "--json",
            "-c",
            "import sys\nprint('a')\nprint('b', file=sys.stderr)\n{'n': [1, 2.5]}",
        ][..],
        &["--json", "-c", "{1, 2}"],
        &[
            "--json",
            "-c",
            "print('before')\ndef f():\n    raise KeyError('k')\nf()",
        ],
        &["--json", "--max-duration", "50ms", "-c", "while True: pass"],
    ]);
    assert_eq!(documents(&text).len(), 4);
    assert_snapshot!("json", text);
}

#[test]
fn usage_errors_are_documents_too() {
    let commands: &[&[&str]] = &[
        &["--json"],
        &["--json", "none.py"],
        &["--json", "--tool", "f()=x"],
        &["--input", "x", "-c", "1", "--json"],
        &["--json", "--input", "1x=1", "-c", "1"],
        &["--json", "--max-memory", "64apples", "-c", "1"],
    ];
    for arguments in commands {
        let document = document(&cli(arguments).stdout);
        assert_eq!(document["error"]["kind"], "request", "{document}");
    }
    assert_snapshot!("usage-documents", table(commands.iter().copied()));
}

#[test]
fn the_schema_of_documents() {
    let ran = cli(&["--json-schema"]);
    assert_eq!((ran.code, &*ran.stdout), (0, monty_document::SCHEMA));
}

/// All that the two programs can know of a run is written alike.
#[test]
fn the_documents_are_those_of_monty_host() {
    // A snapshot of the command, whose numbers are not JSON.
    let host = root().join("snapshots/command/run/json.snap");
    let host = std::fs::read_to_string(host).expect("the snapshot is there");
    let host = host.replace("[number]", "0").replace("[elapsed] >", ">");
    let mut compared = 0;
    for run in host.split("$ monty-host run --json -c ").skip(1) {
        let (code, rest) = run.split_once("\n{\n").expect("a document follows");
        let (content, _) = rest.split_once("\n}\n").expect("the document ends");
        let mut host = document(&format!("{{{content}}}"));
        let code = code.trim_end_matches(" --max-duration 20ms");
        let ours = cli(&["--json", "--max-duration", "20ms", "-c", code]);
        let mut ours = document(&ours.stdout);
        for document in [&mut host, &mut ours] {
            document["statistics"] = Json::Null;
            let error = &mut document["error"];
            if error["limit"] == "duration" {
                error["message"] = Json::Null;
                error["rendered"] = Json::Null;
            }
        }
        assert_eq!(ours.to_string(), host.to_string(), "{code}");
        compared += 1;
    }
    assert!(compared >= 3, "{compared} documents were found");
}

#[test]
fn a_terminal_shows_values_and_errors_escaped() {
    let shown = |code: &str| {
        let (out, errors) = (Terminal::default(), Terminal::default());
        run(&COMMAND, |wasi| {
            wasi.stdout(out.clone()).stderr(errors.clone());
            wasi.args(&["monty-cli.wasm", "-c", code]);
        });
        format!("{}--- stderr\n{}\n", out.text(), errors.text())
    };
    let text: String = [
        r"print('\x1b[2J\u202e')",
        r"raise ValueError('\x1b[2J\u202e')",
    ]
    .into_iter()
    .map(shown)
    .collect();
    assert_snapshot!("terminal", text);
}

/// A file on a full disk.
fn full() -> OutputFile {
    let file = std::fs::OpenOptions::new().write(true).open("/dev/full");
    OutputFile::new(file.expect("it is a Linux"))
}

#[test]
fn a_script_whose_output_cannot_be_written_ends_there() {
    let folder = directory();
    let ran = |code: &str, is_full: bool| {
        run(&COMMAND, |wasi| {
            if is_full {
                wasi.stdout(full());
            } else {
                wasi.stdout(MemoryOutputPipe::new(4));
            }
            mount(wasi, folder.path(), ".");
            wasi.args(&["monty-cli.wasm", "-c", code]);
        })
        .to_string()
    };
    let prints = "try:\n    for n in range(9):\n        print(n)\n\
                  finally:\n    open('after', 'w')";
    let text: String = [
        ("its reader left", prints, false),
        ("its reader left before the value", "'a long text'", false),
        ("its disk is full", prints, true),
        ("its disk is full before the value", "'a long text'", true),
    ]
    .into_iter()
    .map(|(what, code, is_full)| format!("{what}: {}\n", ran(code, is_full)))
    .collect();
    assert_snapshot!("lost-output", text);
    assert!(!folder.path().join("after").exists());
}

#[test]
fn there_are_no_tools() {
    assert_snapshot!(
        "no-tools",
        table([&[
            "-c",
            "try:\n    get_weather('Oslo')\nexcept NameError as error:\n    print(error)"
        ][..]])
    );
}

#[test]
fn sleeping_clocks_and_the_environment_are_those_of_the_runtime() {
    let script = "\
import os, time
started = time.monotonic()
time.sleep(0.02)
(time.monotonic() - started >= 0.02, os.getenv('KEY'), len(os.urandom(8)))
";
    let ran = run(&COMMAND, |wasi| {
        wasi.env("KEY", "value");
        wasi.args(&["monty-cli.wasm", "-c", script]);
    });
    assert_snapshot!("system", ran.to_string());
}

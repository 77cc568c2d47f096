//! Scripts that try to exceed the limits on what they cost their surroundings,
//! in the compositions: how each ends, in what time, and that the next one
//! runs.
//!
//! No linear memory may take more than docs/deploying-http.md says: a component
//! that needs more traps, and a trap fails these tests.

use std::sync::LazyLock;
use std::time::{Duration, Instant};

use monty_value::types::Answer;
use serde_json::{Value as Json, json};
use wasmtime::component::Component;

use crate::documents::document;
use crate::service::Server;
use crate::support::{
    PENDING, Ran, Reply, Tools, assert_snapshot, composition, composition_of, run, run_with_tools,
};

static COMMAND: LazyLock<Component> = LazyLock::new(|| composition("monty-cli"));

/// `monty-cli` with the tools of a test behind the policy.
static GUARDED: LazyLock<Component> = LazyLock::new(|| {
    composition_of(
        "package monty:guarded;
        let print = new monty:print-stdio { ... };
        let policy = new monty:policy { ... };
        let interpreter = new monty:interpreter {
            print: print.print,
            os-call: new monty:os-deny { ... }.os-call,
            external-call: policy.external-call,
            ...
        };
        let cli = new monty:cli {
            interpreter: interpreter.interpreter,
            print-capture: print.print-capture,
            ...
        };
        export cli...;",
    )
});

/// The default of `--max-output` and `MONTY_MAX_OUTPUT`.
const OUTPUT_BYTES: usize = 10 << 20;

/// What an answer takes beside its content: keys, statistics, and the text of
/// an error.
const FRAME_BYTES: usize = 4 << 10;

/// Five seconds in Python, the time to write 10 MiB, and a busy machine.
const LONGEST: Duration = Duration::from_secs(30);

/// Names, and scripts.
const SCRIPTS: &[(&str, &str)] = &[
    ("text that escapes inflate", r"['\x01' * 50_000_000] * 5"),
    ("a long text", "'a' * 60_000_000"),
    ("long bytes", "bytes(50_000_000)"),
    ("a long int", "1 << 400_000_000"),
    ("a million ints", "[1] * 1_000_000"),
    ("three million ints", "[1] * 3_000_000"),
    ("five million ints", "[1] * 5_000_000"),
    (
        "deep nesting",
        "x = []\nfor _ in range(1000):\n    x = [x]\nx",
    ),
    (
        "a list shared 3600 times",
        "rows = [{'a': None}] * 1000\n{n: rows for n in range(3600)}",
    ),
    (
        "lists that hold each other twice",
        "x = [0]\nfor _ in range(60):\n    x = [x, x]\nx",
    ),
    (
        "prints on two streams",
        "import sys\nfor _ in range(4000):\n    print('x' * 5000)\n    print('y' * 5000, file=sys.stderr)",
    ),
    ("one long print", "print('x' * 50_000_000)"),
    ("prints that escapes inflate", r"print('\x01' * 9_000_000)"),
    (
        "prints, then an error",
        "print('x' * 20_000_000)\nraise ValueError",
    ),
    ("a long message", r"raise ValueError('\x01' * 50_000_000)"),
    ("a long key", r"{}['k' * 50_000_000]"),
    ("an error far to the right", "x = 1BLANKS; 1/0"),
    ("an error in a long source", "eval(' ' * 3_000_000 + '1/0')"),
    ("a loop", "while True: pass"),
    ("much memory", "x = [0] * 100_000_000"),
    ("deep recursion", "def f(n):\n    return f(n + 1)\nf(0)"),
];

fn source(script: &str) -> String {
    script.replace("BLANKS", &" ".repeat(70_000))
}

/// The value, or the error's kind and limit, of a document.
fn class(document: &Json) -> String {
    let error = &document["error"];
    match (error["kind"].as_str(), error["limit"].as_str()) {
        (Some(kind), Some(limit)) => format!("{kind} {limit}"),
        (Some(kind), None) => kind.to_owned(),
        (None, _) if document["value"].is_null() => "repr".to_owned(),
        (None, _) => "value".to_owned(),
    }
}

/// Runs a script, and checks the time. What is compiled once is compiled by
/// then.
fn timed<T>(name: &str, run: impl FnOnce() -> T) -> T {
    let started = Instant::now();
    let done = run();
    let elapsed = started.elapsed();
    assert!(elapsed < LONGEST, "{name} took {elapsed:?}");
    done
}

fn cli(arguments: &[&str]) -> Ran {
    run(&COMMAND, |wasi| {
        wasi.arg("monty-cli.wasm").args(arguments);
    })
}

#[test]
fn the_command_writes_no_more_than_its_output_may_take() {
    assert_eq!(cli(&["-c", "6 * 7"]).stdout, "42\n");
    let text: String = SCRIPTS
        .iter()
        .map(|(name, script)| {
            let ran = timed(name, || cli(&["-c", &source(script)]));
            let written = ran.stdout.len() + ran.stderr.len();
            assert!(written <= OUTPUT_BYTES + FRAME_BYTES, "{name}: {written}");
            let last = ran.stderr.lines().last().unwrap_or("ended");
            let shown: String = last.chars().take(100).collect();
            format!("{name}: {shown}\n")
        })
        .collect();
    assert_snapshot!("cli", text);
    assert_eq!(cli(&["-c", "6 * 7"]).stdout, "42\n");
}

#[test]
fn documents_take_no_more_than_their_output_may() {
    assert_eq!(cli(&["-c", "6 * 7"]).stdout, "42\n");
    let text: String = SCRIPTS
        .iter()
        .map(|(name, script)| {
            let ran = timed(name, || cli(&["--json", "-c", &source(script)]));
            let written = ran.stdout.len();
            assert!(written <= OUTPUT_BYTES + FRAME_BYTES, "{name}: {written}");
            assert_eq!(ran.stderr, "", "{name}");
            let document = document(&ran.stdout);
            let class = class(&document);
            assert_eq!(ran.code == 0, class == "value" || class == "repr", "{name}");
            format!("{name}: {class}\n")
        })
        .collect();
    assert_snapshot!("cli-json", text);
}

#[test]
fn the_service_answers_and_goes_on() {
    let server = Server::new(&[]);
    let text: String = SCRIPTS
        .iter()
        .map(|(name, script)| {
            let body = json!({ "source": source(script) }).to_string();
            let answer = timed(name, || server.post(&body));
            let written = answer.body.len();
            assert!(written <= OUTPUT_BYTES + FRAME_BYTES, "{name}: {written}");
            assert_eq!(answer.status, "HTTP/1.1 200 OK", "{name}");
            let next = server.post(r#"{"source": "6 * 7"}"#).json();
            assert_eq!(next["value"], 42, "after {name}");
            format!("{name}: {}\n", class(&answer.json()))
        })
        .collect();
    assert_snapshot!("http", text);
}

/// Runs a script whose tools give `reply` to every call.
fn guarded(settings: &[(&str, &str)], reply: Reply, script: &str) -> Ran {
    let tools = Tools {
        otherwise: Some(reply),
        ..Tools::default()
    };
    let command = &*GUARDED;
    timed(script, || {
        run_with_tools(command, tools, |wasi| {
            wasi.envs(settings);
            wasi.args(&["monty-cli.wasm", "-c", script]);
        })
    })
}

/// The outcome of a run, and the size of its output.
fn outcome(ran: &Ran) -> String {
    let logged = |line: &&str| line.starts_with("monty-policy: ");
    let shown: String = ran
        .stderr
        .lines()
        .filter(|line| !logged(line))
        .chain(ran.stdout.lines())
        .map(|line| format!("  {line}\n"))
        .collect();
    let asked = |what: &str| {
        let is_one = |asked: &&String| asked.starts_with(what);
        ran.asked.iter().filter(is_one).count()
    };
    format!(
        "calls that reached the tools: {}\nnames: {}\npending calls dropped: {}\nlines of the log: {}\n\
         {shown}",
        asked("call"),
        asked("get-name"),
        asked("drop"),
        ran.stderr.lines().filter(logged).count(),
    )
}

#[test]
fn storms_of_calls_end_at_the_policy() {
    let all = [("MONTY_ALLOW", "*")];
    let budget = [("MONTY_ALLOW", "*"), ("MONTY_BUDGET", "50")];
    let text: String = [
        (
            "pending calls that nobody awaits",
            guarded(
                &all,
                PENDING,
                "refused = 0\nfor n in range(30_000):\n    try:\n        f(n)\n    except \
                 PermissionError as error:\n        refused += 1\n        last = error\nprint(last)\nrefused",
            ),
        ),
        (
            "pending calls within a budget",
            guarded(
                &budget,
                PENDING,
                "import asyncio\nawait asyncio.gather(*[f(n) for n in range(1000)])",
            ),
        ),
        (
            "names without end",
            guarded(
                &budget,
                Some(Answer::NotFound),
                "messages = {}\nfor n in range(5000):\n    try:\n        eval(f'f{n}()')\n    \
                 except (PermissionError, NameError) as error:\n        \
                 messages[type(error).__name__] = error\nmessages['PermissionError']",
            ),
        ),
        (
            "a long name",
            guarded(&all, Some(Answer::NotFound), "eval('f' * 1_000_000 + '()')"),
        ),
        (
            "arguments that stand for a gigabyte",
            guarded(
                &all,
                Some(Answer::NotFound),
                "rows = [{'a': None}] * 1000\nf([rows] * 3600)",
            ),
        ),
        (
            "arguments without end",
            guarded(
                &all,
                Some(Answer::NotFound),
                "x = [0]\nfor _ in range(80):\n    x = [x, x]\nf(x)",
            ),
        ),
    ]
    .into_iter()
    .map(|(name, ran)| {
        assert!(ran.stderr.len() < 2 << 20, "{name}: {}", ran.stderr.len());
        format!("{name}\n{}\n", outcome(&ran))
    })
    .collect();
    assert_snapshot!("policy", text);
}

#[test]
fn a_suspended_script_ends_with_the_calls_that_it_waits_for() {
    let settings = [("MONTY_ALLOW", "*"), ("MONTY_LOG", "off")];
    let ran = guarded(&settings, Some(Answer::Suspend), "approve(1)");
    assert_snapshot!("cli-suspended", ran.to_string());
}

//! Scripts that are suspended in a call, and resumed elsewhere.

use std::path::Path;
use std::process::Command;
use std::sync::atomic::{AtomicUsize, Ordering};
use std::sync::{Arc, LazyLock};
use std::time::Duration;

use monty_host::os::{Clock, ErrorCode, MemoryFiles, Os, Randomness, SleepPolicy, System};
use monty_host::{
    Answers, Call, Error, ErrorKind, Host, Limit, Limits, Options, Progress, Report, Script,
    Snapshot, SnapshotKey, SnapshotKind, Suspension, ToolError, Tools, Value,
};
use proptest::prelude::*;

use crate::support::{assert_snapshot, in_time, monty, script};

fn key() -> SnapshotKey {
    SnapshotKey::new([7; 32]).expect("long enough")
}

/// Tools, of which `approve` and `ask` leave their answers to a person.
fn tools() -> Tools {
    with_people(true)
}

/// The same tools. The people answer at once, or not in this run.
fn with_people(suspend: bool) -> Tools {
    let answer = move |n: Value| {
        if suspend {
            Err(ToolError::suspend())
        } else {
            answer(&n)
        }
    };
    Tools::new()
        .function(
            "approve",
            ["n", "note"],
            move |n: Value, _: Option<Value>| answer(n),
        )
        .async_function("ask", ["n"], move |n: Value| async move {
            tokio::task::yield_now().await;
            answer(n)
        })
        .function("double", ["n"], |n: i64| Ok::<_, ToolError>(2 * n))
        .async_function("work", ["n"], async |n: i64| {
            tokio::task::yield_now().await;
            Ok::<_, ToolError>(n + 1)
        })
}

/// A person's answer to `n`: ten times as much, and no to text.
fn answer(n: &Value) -> Result<i64, ToolError> {
    match n.as_i64() {
        Some(n) => Ok(10 * n),
        None => Err(ToolError::permission_error("no")),
    }
}

fn answered(answers: Answers, call: &Call) -> Answers {
    let asked = call
        .positional
        .first()
        .or_else(|| call.keyword.first().map(|(_, value)| value))
        .expect("an argument");
    match answer(asked) {
        Ok(value) => answers.value(call.id, value).expect("an int has a form"),
        Err(error) => answers.raise(call.id, error),
    }
}

fn suspended(progress: Result<Progress, Error>) -> Suspension {
    match progress.expect("nothing failed") {
        Progress::Suspended(suspension) => suspension,
        Progress::Finished(report) => panic!("it ended: {report:?}"),
    }
}

async fn start(source: &str) -> Suspension {
    suspended(in_time(script(source).host(tools()).start()).await)
}

async fn resume(snapshot: &Snapshot, answers: Answers) -> Result<Report, Error> {
    in_time(monty().resume(snapshot, answers).host(tools()).run()).await
}

fn value(call: u32, value: impl serde::Serialize) -> Answers {
    Answers::new().value(call, value).expect("it has a form")
}

#[tokio::test]
async fn a_call_waits_for_its_answer() {
    let source = "def pay(amount):\n    print('asking')\n    ok = approve(amount, note={'to': ['me']})\n    print('told', ok)\n    return ok\npay(3) + 1";
    let suspension = start(source).await;
    assert_eq!(suspension.printed.to_string(), "asking\n");
    assert_eq!(suspension.snapshot.kind(), SnapshotKind::Script);
    let [call] = &suspension.calls[..] else {
        panic!("one call: {:?}", suspension.calls);
    };
    assert_eq!(call.name, "approve");
    assert_eq!(call.positional[0].as_i64(), Some(3));
    assert_eq!(call.keyword[0].0, "note");
    assert_eq!(call.keyword[0].1.to_string(), "{'to': ['me']}");
    let expression = call.position.start as usize..call.position.end as usize;
    assert_eq!(
        source.get(expression),
        Some("approve(amount, note={'to': ['me']})")
    );
    assert_eq!(call.position.filename, "script.py");

    let report = resume(&suspension.snapshot, value(call.id, 41))
        .await
        .expect("it ends");
    assert_eq!(report.value.as_i64(), Some(42));
    assert_eq!(report.printed.to_string(), "told 41\n");
    assert_eq!(report.statistics.calls, 1);
    assert!(report.statistics.python_time >= suspension.statistics.python_time);
}

/// How the answers arrive when a script is resumed.
#[derive(Clone, Copy, Debug)]
enum Step {
    All,
    First,
    Last,
}

/// Runs a script with people who answer between two runs, through signed
/// bytes, and tells what comes of it.
async fn in_steps(script: Script, tools: &Tools, os: impl Fn() -> System, step: Step) -> String {
    let mut progress = in_time(script.host(Host::new().tools(tools).os(os())).start()).await;
    let mut printed = String::new();
    loop {
        let suspension = match progress {
            Ok(Progress::Suspended(suspension)) => suspension,
            Ok(Progress::Finished(report)) => {
                return format!("{printed}{}{}", report.printed, report.value);
            }
            Err(error) => {
                let last = error.printed().map(ToString::to_string);
                return format!("{printed}{}{error}", last.unwrap_or_default());
            }
        };
        printed.push_str(&suspension.printed.to_string());
        let calls = &suspension.calls[..];
        let all = || calls.iter().fold(Answers::new(), answered);
        let answers = match step {
            Step::All => all(),
            Step::First => calls.first().into_iter().fold(Answers::new(), answered),
            Step::Last => calls.last().into_iter().fold(Answers::new(), answered),
        };
        let bytes = suspension.snapshot.to_bytes(&key()).expect("signed");
        let snapshot = Snapshot::from_bytes(&bytes, &key()).expect("its own signature");
        let resumed = monty()
            .resume(&snapshot, answers)
            .host(Host::new().tools(tools).os(os()));
        progress = in_time(resumed.start()).await;
        // The script may wait for just one of them, in an expression.
        if matches!(&progress, Err(error) if error.kind() == ErrorKind::Request) {
            let resumed = monty()
                .resume(&snapshot, all())
                .host(Host::new().tools(tools).os(os()));
            progress = in_time(resumed.start()).await;
        }
    }
}

/// Scripts that a suspension may not change.
const SCRIPTS: &[&str] = &[
    "approve(1)",
    "[approve(n) for n in range(5)]",
    "{n: approve(n) for n in range(3)}",
    "sum(approve(n) for n in range(3))",
    "approve(approve(1)) + approve(2) * approve(n=3)",
    "approve(1, note=approve(2))",
    "f'{approve(1)} and {approve(2):>5}'",
    "double(approve(1)) < approve(2) < approve(3)",
    "x = approve(1) if approve(0) else approve(2)\nx",
    "while approve(0) == 0:\n    print('once')\n    break\nelse:\n    print('never')",
    "def f(n):\n    return approve(n) if n == 0 else f(n - 1) + approve(n)\nf(20)",
    "class C:\n    def __init__(self, n):\n        self.n = approve(n)\n    def more(self):\n        self.n += approve(self.n)\n        return self\nC(1).more().more().n",
    "a = [1]\nb = a\napprove(1)\nb.append(2)\n(a, a is b)",
    "def outer():\n    n = 1\n    def inner():\n        nonlocal n\n        n += approve(n)\n        return n\n    return inner\nf = outer()\n[f(), f()]",
    "try:\n    approve('no')\nexcept PermissionError as e:\n    print('refused:', e)\nfinally:\n    print('finally')\napprove(2)",
    "try:\n    try:\n        approve('no')\n    finally:\n        print('cleaned', approve(1))\nexcept PermissionError:\n    print('caught', approve(2))",
    "def f():\n    return approve('no')\nf()",
    "def f(n):\n    if n == 0:\n        1 / 0\n    f(n - 1)\ntry:\n    f(950)\nexcept ZeroDivisionError:\n    print(approve(1))\n    raise",
    "def f():\n    try:\n        return 1 / 0\n    except KeyError:\n        pass\n    finally:\n        print(approve(1))\nf()",
    "def f():\n    try:\n        return approve('no')\n    except PermissionError:\n        print(approve(1))\n        raise\nf()",
    "with open('/memory/lines.txt') as f:\n    first = f.readline()\n    approve(1)\n    rest = f.read()\n(first, rest)",
    "import os\nos.chdir('/memory')\napprove(1)\n(os.getcwd(), open('lines.txt').readline())",
    "import random\na = [random.random(), approve(1), random.random()]\nrandom.seed(3)\napprove(1)\na + [random.random()]",
    "import datetime\nd = datetime.datetime.now()\napprove(1)\nd == datetime.datetime.now()",
    "from decimal import Decimal\nx = [Decimal('1.20'), 2**100, 'é', b'\\x00', {1, 2}, 1.5, None, ...]\napprove(1)\nx",
    "import re, json\nm = re.match('(a+)', 'aab')\napprove(1)\n(m.group(1), json.dumps({'a': approve(2)}))",
    "it = iter([1, 2, 3])\n[next(it), approve(1), next(it), approve(2), next(it)]",
    "print('a', end='')\napprove(1)\nprint('b')\napprove(2)\nprint('c')",
    "1 / (approve(0))",
    "await ask(1)",
    "import asyncio\nawait asyncio.gather(ask(1), ask(2), ask(3))",
    "import asyncio\nawait asyncio.gather(ask(1), work(2), ask(3), work(4))",
    "import asyncio\nasync def f(n):\n    a = await ask(n)\n    b = await work(a)\n    return [a, b, await ask(b)]\nawait asyncio.gather(f(1), f(2), asyncio.gather(f(3), ask(4)))",
    "import asyncio\nasync def f(n):\n    return approve(n) + await ask(n)\nawait asyncio.gather(f(1), f(2), f(3))",
    "import asyncio\nasync def f():\n    try:\n        return await ask('no')\n    except PermissionError as e:\n        return str(e)\nawait asyncio.gather(f(), ask(1), f())",
    "import asyncio\nawait asyncio.gather(ask(1), asyncio.sleep(3600, 'slept'), work(1))",
    "import asyncio\ns = asyncio.sleep(3600, 'slept')\nw = work(1)\na = ask(1)\n[approve(2), await a, await w, await s]",
    "import asyncio\nasync def f(n):\n    r = []\n    for i in range(n):\n        await asyncio.sleep(1)\n        r.append(await ask(i))\n    return r\nawait asyncio.gather(f(1), f(3), f(2))",
    "a, b = ask(1), ask(2)\nprint('asked')\n[await b, await a]",
    "a = ask(1)\n[await a, await a]",
    "ask(1)\n'never awaited'",
    "import asyncio\nasyncio.run(ask(3))",
    "sorted([3, 1, 2], key=lambda n: -approve(n))",
    "list(map(approve, [1, 2]))",
    "eval('approve(1) + 1')",
    "exec('x = approve(1)')\nx",
    "unknown(approve(1))",
    "await asyncio.gather(ask(1))",
];

fn os() -> System {
    let files = MemoryFiles::new()
        .file("/lines.txt", "one\ntwo\nthree\n")
        .expect("a path");
    System::new()
        .sleep_policy(SleepPolicy::Skip)
        .files_at("/memory", files)
        .expect("mounted")
}

fn fixed(source: &str) -> Script {
    let clock = Clock::Fixed(std::time::UNIX_EPOCH + Duration::from_secs(1_700_000_000));
    script(source).options(
        Options::new()
            .randomness(Randomness::Seeded(5))
            .clock(clock),
    )
}

#[tokio::test]
async fn a_script_goes_on_as_if_nothing_had_happened() {
    for source in SCRIPTS {
        let at_once = in_steps(fixed(source), &with_people(false), os, Step::All).await;
        for step in [Step::All, Step::First, Step::Last] {
            let later = in_steps(fixed(source), &tools(), os, step).await;
            assert_eq!(later, at_once, "{step:?}:\n{source}");
        }
    }
}

/// What [`elsewhere`] tells its process.
const FOLDER: &str = "MONTY_TEST_DURABLE";

/// Resumes a script in another process: its value, or its next snapshot.
fn elsewhere(folder: &Path, snapshot: &Snapshot) -> Result<String, Snapshot> {
    let bytes = snapshot.to_bytes(&key()).expect("signed");
    std::fs::write(folder.join("snapshot"), bytes).expect("written");
    let output = Command::new(std::env::current_exe().expect("this program"))
        .args(["--exact", "durable::resumes", "--ignored"])
        .env(FOLDER, folder)
        .output()
        .expect("it starts");
    let shown = String::from_utf8_lossy(&output.stdout);
    assert!(output.status.success(), "{shown}");
    assert!(shown.contains("1 passed"), "{shown}");
    match std::fs::read_to_string(folder.join("value")) {
        Ok(value) => Ok(value),
        Err(_) => {
            let bytes = std::fs::read(folder.join("snapshot")).expect("the next one");
            Err(Snapshot::from_bytes(&bytes, &key()).expect("the same key"))
        }
    }
}

#[tokio::test]
#[ignore = "is another process, which `a_script_goes_on_in_other_processes` starts"]
async fn resumes() {
    let folder = std::env::var(FOLDER).expect("a folder");
    let folder = Path::new(&folder);
    let bytes = std::fs::read(folder.join("snapshot")).expect("a snapshot");
    let snapshot = Snapshot::from_bytes(&bytes, &key()).expect("the same key");
    let calls = monty().suspended_calls(&snapshot).await.expect("it waits");
    let answers = calls.iter().take(1).fold(Answers::new(), answered);
    match monty()
        .resume(&snapshot, answers)
        .host(tools())
        .start()
        .await
    {
        Ok(Progress::Finished(report)) => {
            std::fs::write(folder.join("value"), report.value.to_string()).expect("written");
        }
        progress => {
            let bytes = suspended(progress)
                .snapshot
                .to_bytes(&key())
                .expect("signed");
            std::fs::write(folder.join("snapshot"), bytes).expect("written");
        }
    }
}

#[tokio::test]
async fn a_script_goes_on_in_other_processes() {
    let source = "\
import asyncio
async def f(n):
    return approve(n) + sum(await asyncio.gather(ask(n), ask(n + 1)))
rows = {'a': [1, 2]}
rows['b'] = await f(1)
rows";
    let folder = tempfile::tempdir().expect("a folder");
    let mut snapshot = start(source).await.snapshot;
    let mut processes = 0;
    let value = loop {
        processes += 1;
        match elsewhere(folder.path(), &snapshot) {
            Ok(value) => break value,
            Err(next) => snapshot = next,
        }
    };
    assert_eq!(value, "{'a': [1, 2], 'b': 40}");
    assert_eq!(processes, 3);
}

#[tokio::test]
async fn one_snapshot_is_resumed_more_than_once() {
    let suspension = start("seen = ['asked']\nseen.append(approve(1))\nseen").await;
    let id = suspension.calls[0].id;
    for answer in ["yes", "no", "yes"] {
        let report = resume(&suspension.snapshot, value(id, answer))
            .await
            .expect("it ends");
        let seen: Vec<String> = report.extract().expect("texts");
        assert_eq!(seen, ["asked", answer]);
    }
}

#[tokio::test]
async fn calls_of_a_gather_are_open_together() {
    let source = "import asyncio\nawait asyncio.gather(ask(1), work(1), ask(2), ask(3))";
    let suspension = start(source).await;
    let ids: Vec<u32> = suspension.calls.iter().map(|call| call.id).collect();
    let asked: Vec<_> = suspension
        .calls
        .iter()
        .map(|call| call.positional[0].as_i64())
        .collect();
    assert_eq!(asked, [Some(1), Some(2), Some(3)]);

    // One step.
    let answers = value(ids[2], "c")
        .value(ids[0], "a")
        .and_then(|answers| answers.value(ids[1], "b"))
        .expect("texts have a form");
    let report = resume(&suspension.snapshot, answers)
        .await
        .expect("it ends");
    assert_eq!(report.value.to_string(), "['a', 2, 'b', 'c']");

    // Several, one of them without any answer.
    let resumed = |snapshot: Snapshot, answers| async move {
        in_time(monty().resume(&snapshot, answers).host(tools()).start()).await
    };
    let next = suspended(resumed(suspension.snapshot, value(ids[1], "b")).await);
    assert_eq!(next.calls.len(), 2);
    let next = suspended(resumed(next.snapshot, Answers::new()).await);
    assert_eq!(next.calls.len(), 2);
    let next = suspended(resumed(next.snapshot, value(ids[2], "c")).await);
    assert_eq!(next.calls.len(), 1);
    let report = resume(&next.snapshot, value(ids[0], "a"))
        .await
        .expect("it ends");
    assert_eq!(report.value.to_string(), "['a', 2, 'b', 'c']");
}

#[tokio::test]
async fn calls_that_wait_are_in_the_snapshot() {
    let source = "import asyncio\nawait asyncio.gather(ask([1, {'a': 2**80}]), ask(b'x'))";
    let suspension = start(source).await;
    let calls = monty()
        .suspended_calls(&suspension.snapshot)
        .await
        .expect("it waits");
    assert_eq!(format!("{calls:?}"), format!("{:?}", suspension.calls));
    assert_eq!(calls.len(), 2);
}

#[tokio::test]
async fn many_suspensions() {
    let source = "total = 0\nfor n in range(100):\n    total += approve(n)\ntotal";
    let seen = in_steps(script(source), &tools(), os, Step::All).await;
    assert_eq!(seen, "49500");
}

#[tokio::test]
async fn a_tool_that_answers_with_nothing() {
    let suspension = start("try:\n    approve(1)\nexcept NameError as e:\n    r = str(e)\nr").await;
    let answers = Answers::new().not_found(suspension.calls[0].id);
    let report = resume(&suspension.snapshot, answers)
        .await
        .expect("it ends");
    assert_eq!(report.value.as_str(), Some("name 'approve' is not defined"));
}

#[tokio::test]
async fn a_sleep_goes_on_after_a_suspension() {
    let system = || System::new().sleep_policy(SleepPolicy::default());
    let source = "import asyncio\ns = asyncio.sleep(0.05, 'slept')\n[approve(1), await s]";
    let seen = in_steps(script(source), &tools(), system, Step::All).await;
    assert_eq!(seen, "[10, 'slept']");
}

#[tokio::test]
async fn a_name_cannot_wait() {
    let tools = Tools::new().name_fallback(|_| Err(ToolError::suspend()));
    let error = in_time(script("later").host(&tools).start())
        .await
        .expect_err("a name has a value or none");
    assert_eq!(error.kind(), ErrorKind::Script);
    assert_snapshot!("name", error);
}

#[tokio::test]
async fn run_tells_of_start() {
    let error = in_time(script("approve(1)").host(tools()).run())
        .await
        .expect_err("it is suspended");
    assert_eq!(error.kind(), ErrorKind::Request);
    assert_snapshot!("run", error);
}

/// Suspends, answers, and tells which limit ended it, if one did.
async fn limited(source: &str, limits: Limits) -> Option<Limit> {
    let started = in_time(script(source).host(tools()).limits(limits).start()).await;
    let suspension = suspended(started);
    let answers = suspension.calls.iter().fold(Answers::new(), answered);
    resume(&suspension.snapshot, answers)
        .await
        .err()
        .and_then(|error| error.limit())
}

#[tokio::test]
async fn budgets_go_on_after_a_suspension() {
    let limits = Limits::default;
    let calls = "for n in range(3): double(n)\napprove(1)\nfor n in range(3): double(n)";
    assert_eq!(limited(calls, limits().with_calls(7)).await, None);
    assert_eq!(
        limited(calls, limits().with_calls(6)).await,
        Some(Limit::Calls)
    );

    let prints = "print('x' * 99)\napprove(1)\nprint('x' * 99)";
    assert_eq!(limited(prints, limits().with_output_bytes(200)).await, None);
    assert_eq!(
        limited(prints, limits().with_output_bytes(199)).await,
        Some(Limit::Output)
    );

    let memory = "a = 'x' * 3_000_000\napprove(1)\nb = 'y' * 3_000_000\nlen(a) + len(b)";
    assert_eq!(
        limited(memory, limits().with_memory_bytes(8_000_000)).await,
        None
    );
    assert_eq!(
        limited(memory, limits().with_memory_bytes(5_000_000)).await,
        Some(Limit::Memory)
    );

    let depth = "def f(n):\n    return n and f(n - 1)\nf(40)\napprove(1)\nf(60)";
    assert_eq!(
        limited(depth, limits().with_recursion_depth(80)).await,
        None
    );
    assert_eq!(
        limited(depth, limits().with_recursion_depth(50)).await,
        Some(Limit::Recursion)
    );
}

#[tokio::test]
async fn time_in_python_goes_on_after_a_suspension() {
    // No part takes long, and all of them together go on for ever.
    let source = "while True:\n    for _ in range(2000): pass\n    approve(1)";
    let limit = Duration::from_millis(200);
    let limits = Limits::default().with_duration(limit);
    let mut progress = in_time(script(source).host(tools()).limits(limits).start()).await;
    let mut parts = Vec::new();
    let error = loop {
        let suspension = match progress {
            Ok(Progress::Suspended(suspension)) => suspension,
            Ok(Progress::Finished(report)) => panic!("it has no end: {report:?}"),
            Err(error) => break error,
        };
        parts.push(suspension.statistics.python_time);
        assert!(parts.len() < 100_000, "the time starts anew");
        let answers = suspension.calls.iter().fold(Answers::new(), answered);
        let resumed = monty().resume(&suspension.snapshot, answers);
        progress = in_time(resumed.host(tools()).start()).await;
    };
    assert_eq!(error.limit(), Some(Limit::Duration));
    assert!(parts.len() > 1 && parts.is_sorted(), "{parts:?}");
}

#[tokio::test]
async fn answers_that_are_refused() {
    let in_place = start("approve(1)").await;
    let gathered = start("import asyncio\nawait asyncio.gather(ask(1), ask(2))").await;
    let [a, b] = [gathered.calls[0].id, gathered.calls[1].id];
    let one = in_place.calls[0].id;
    let cases = [
        ("unknown", &in_place, value(99, 1)),
        ("unknown beside a good one", &in_place, {
            value(one, 1).value(99, 1).expect("an int")
        }),
        ("twice", &in_place, {
            value(one, 1).value(one, 2).expect("an int")
        }),
        ("none for the call in place", &in_place, Answers::new()),
        ("twice in a gather", &gathered, {
            value(a, 1).raise(a, ToolError::value_error("no"))
        }),
        ("unknown in a gather", &gathered, value(a + b + 7, 1)),
    ];
    let mut seen = String::new();
    for (name, suspension, answers) in cases {
        let error = resume(&suspension.snapshot, answers)
            .await
            .expect_err("it is refused");
        assert_eq!(error.kind(), ErrorKind::Request);
        seen.push_str(&format!("{name}\n    {error}\n"));
    }
    assert_snapshot!("answers-refused", seen);
    // A refusal does not use the snapshot up.
    resume(&in_place.snapshot, value(one, 1))
        .await
        .expect("it goes on");
}

#[tokio::test]
async fn snapshots_of_the_other_kind() {
    let script = start("approve(1)").await.snapshot;
    let mut session = monty()
        .session()
        .host(tools())
        .open()
        .await
        .expect("it opens");
    let idle = session.dump().await.expect("it is idle");
    let waiting = suspended(in_time(session.feed("approve(1)").start()).await).snapshot;
    assert_eq!(idle.kind(), SnapshotKind::Session);
    assert_eq!(waiting.kind(), SnapshotKind::Session);

    let mut seen = String::new();
    for snapshot in [&idle, &waiting] {
        let error = resume(snapshot, value(0, 1))
            .await
            .expect_err("it is a session");
        assert_eq!(error.kind(), ErrorKind::Request);
        seen.push_str(&format!("{error}\n"));
    }
    let error = monty()
        .session()
        .restore(&script)
        .await
        .expect_err("it is a script");
    assert_eq!(error.kind(), ErrorKind::Request);
    seen.push_str(&format!("{error}\n"));
    assert_snapshot!("other-kind", seen);

    let calls = monty().suspended_calls(&idle).await.expect("it is whole");
    assert_eq!(calls.len(), 0);
    let calls = monty()
        .suspended_calls(&waiting)
        .await
        .expect("it is whole");
    assert_eq!(calls.len(), 1);
}

static SIGNED: LazyLock<Vec<u8>> = LazyLock::new(|| {
    let started = script("secret = 'x' * 100\napprove(1)")
        .host(tools())
        .start_blocking();
    suspended(started)
        .snapshot
        .to_bytes(&key())
        .expect("signed")
});

fn refusal(bytes: &[u8]) -> String {
    let error = Snapshot::from_bytes(bytes, &key()).expect_err("it is refused");
    assert_eq!(error.kind(), ErrorKind::Request);
    error.to_string()
}

/// The signed bytes with one that is another.
fn changed(index: usize, mask: u8) -> Vec<u8> {
    let mut bytes = SIGNED.clone();
    bytes[index] ^= mask;
    bytes
}

#[test]
fn snapshots_that_are_refused() {
    let signed = &*SIGNED;
    let version = |version: u16| {
        let mut bytes = signed.clone();
        bytes[8..10].copy_from_slice(&version.to_le_bytes());
        bytes
    };
    let other_key = SnapshotKey::new([8; 32]).expect("long enough");
    let by_other_key = Snapshot::from_bytes(signed, &other_key)
        .expect_err("it is refused")
        .to_string();
    let mut longer = signed.clone();
    longer.push(0);
    let cases = [
        ("empty", refusal(&[])),
        (
            "foreign",
            refusal(b"PK\x03\x04 is no snapshot of this kind"),
        ),
        ("of an older layout", refusal(&version(1))),
        ("of a newer layout", refusal(&version(3))),
        ("of another key", by_other_key),
        ("truncated", refusal(&signed[..signed.len() - 1])),
        ("truncated after the magic", refusal(&signed[..8])),
        ("with a byte too many", refusal(&longer)),
        (
            "with another script",
            refusal(&changed(signed.len() / 2, 1)),
        ),
        (
            "with another signature",
            refusal(&changed(signed.len() - 1, 0x80)),
        ),
        (
            "of a key that is too short",
            SnapshotKey::new("too short")
                .expect_err("it is refused")
                .to_string(),
        ),
    ];
    let seen: Vec<String> = cases
        .iter()
        .map(|(name, error)| format!("{name}\n    {error}"))
        .collect();
    assert_snapshot!("snapshots-refused", seen.join("\n"));
    assert!(Snapshot::from_bytes(signed, &key()).is_ok());
}

#[test]
fn every_bit_of_the_fixed_part_counts() {
    // The header of the layout, the start of the body, and the signature.
    let length = SIGNED.len();
    for index in (0..64).chain(length - 40..length) {
        for bit in 0..8 {
            refusal(&changed(index, 1 << bit));
        }
    }
}

#[test]
fn a_key_does_not_show() {
    assert_eq!(format!("{:?}", key()), "SnapshotKey");
}

proptest! {
    #![proptest_config(ProptestConfig { cases: 500, failure_persistence: None, ..ProptestConfig::default() })]

    #[test]
    fn a_changed_snapshot_is_refused(index in any::<prop::sample::Index>(), mask in 1..=u8::MAX) {
        refusal(&changed(index.index(SIGNED.len()), mask));
    }

    #[test]
    fn a_snapshot_that_is_cut_off_is_refused(length in any::<prop::sample::Index>()) {
        let length = length.index(SIGNED.len());
        let error = refusal(&SIGNED[..length]);
        let reason = if length < 8 { "too short" } else { "truncated" };
        prop_assert!(error.contains(reason), "{error}");
    }

    #[test]
    fn bytes_that_are_no_snapshot_are_refused(bytes in prop::collection::vec(any::<u8>(), 0..200)) {
        refusal(&bytes);
    }
}

/// Counts how often the script waits until a time is over.
#[derive(Default)]
struct Sleeper {
    sleeps: AtomicUsize,
}

#[async_trait::async_trait]
impl Os for Sleeper {
    async fn sleep(&self, duration: Duration) -> Result<(), ErrorCode> {
        self.sleeps.fetch_add(1, Ordering::Relaxed);
        tokio::time::sleep(duration).await;
        Ok(())
    }
}

#[tokio::test]
async fn a_sleep_that_is_over_is_not_waited_for_again_before_a_suspension() {
    let source = "
import asyncio

async def sleep():
    await asyncio.sleep(0.01)

async def ask():
    return approve(1)

await asyncio.gather(sleep(), slow(), ask())
";
    let sleeper = Arc::new(Sleeper::default());
    let tools = tools().async_function("slow", (), async || {
        tokio::time::sleep(Duration::from_millis(200)).await;
        Ok::<_, ToolError>(2)
    });
    let script = script(source).host(Host::new().tools(&tools).shared_os(sleeper.clone()));
    let suspension = suspended(in_time(script.start()).await);
    assert_eq!(suspension.calls[0].name, "approve");
    assert_eq!(sleeper.sleeps.load(Ordering::Relaxed), 1);
}

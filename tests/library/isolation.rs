//! Runs do not touch each other: neither those beside nor those before. And a
//! script whose host gives it nothing gets an error for every operation.

use std::collections::{BTreeSet, HashSet};
use std::sync::atomic::{AtomicBool, AtomicUsize, Ordering};
use std::sync::{Arc, Mutex};
use std::time::{Duration, SystemTime};

use monty_host::os::{
    Clock, ErrorCode, FileStat, OpenMode, Os, Randomness, ScanEntry, ScanOptions, System, WriteMode,
};
use monty_host::{
    Error, ErrorKind, Host, Limit, Limits, Monty, Options, Report, Script, ToolError, Tools, Value,
};

use crate::support::{assert_snapshot, root, run, script};

/// Scripts that use what runs could share, seeded so that each repeats exactly.
const GOOD: &[&str] = &[
    "sum(i * i for i in range(2000))",
    "def fib(n):\n    return n if n < 2 else fib(n - 1) + fib(n - 2)\nfib(12)",
    "print('one')\nprint('two')\n[add(i, 1) for i in range(100)]",
    "import random\n[random.random() for _ in range(5)]",
    "class C:\n    pass\n[C(), C]",
    "add(1)",
    "{'k': ['a' * 1000] * 1000}",
];

/// Scripts that mean harm, and the limit that each meets.
const HOSTILE: &[(&str, Limit)] = &[
    ("while True: pass", Limit::Duration),
    (
        "while True:\n    try:\n        while True: pass\n    except BaseException:\n        pass",
        Limit::Duration,
    ),
    ("exec('x = 1\\n' * 300_000)", Limit::Memory),
    ("x = []\nwhile True: x.append('a' * 100_000)", Limit::Memory),
    ("while True: print('spam' * 1000)", Limit::Output),
    ("def f():\n    f()\nf()", Limit::Recursion),
    ("eval('+'.join(['1'] * 50_000))", Limit::Recursion),
    ("while True: add(1, 2)", Limit::Calls),
    (
        "while True:\n    try: nobody()\n    except NameError: pass",
        Limit::Calls,
    ),
    (
        "import random, sys\nwhile True: random.seed(1); sys.argv.append('spam'); add(1, 2)",
        Limit::Calls,
    ),
    ("'a' * 5_000_000", Limit::Message),
];

fn tools() -> Tools {
    Tools::new().function("add", ["a", "b"], |a: i64, b: i64| {
        Ok::<_, ToolError>(a + b)
    })
}

/// Everything a host sees of a run except time and memory.
fn seen(result: Result<Report, Error>) -> String {
    match result {
        Ok(report) => format!(
            "{}\n{}\n{} calls, {} bytes",
            report.value, report.printed, report.statistics.calls, report.statistics.output_bytes
        ),
        Err(error) => format!("{}: {error}", error.kind().name()),
    }
}

#[test]
fn hostile_runs_beside_good_ones() {
    let tools = tools();
    let good = |source: &str| {
        let script = script(source)
            .host(&tools)
            .options(Options::new().randomness(Randomness::Seeded(1)));
        seen(script.run_blocking())
    };
    // However busy the machine is, only what never ends meets the limit of time.
    let limits = |limit| {
        let duration = match limit {
            Limit::Duration => Duration::from_millis(100),
            _ => Duration::from_secs(60),
        };
        Limits::default()
            .with_duration(duration)
            .with_memory_bytes(32 << 20)
            .with_output_bytes(1 << 20)
            .with_calls(5000)
            .with_message_bytes(1 << 20)
    };
    let alone: Vec<_> = GOOD.iter().map(|source| good(source)).collect();
    for (source, limit) in HOSTILE {
        let over = AtomicBool::new(false);
        let ended = AtomicUsize::new(0);
        std::thread::scope(|scope| {
            let hostile = scope.spawn(|| {
                let mut limits_met = Vec::new();
                while !over.load(Ordering::Relaxed) || limits_met.is_empty() {
                    let script = script(source).host(&tools).limits(limits(*limit));
                    let error = script.run_blocking().expect_err(source);
                    limits_met.push(error.limit());
                    ended.fetch_add(1, Ordering::Relaxed);
                }
                limits_met
            });
            // Until at least one hostile run has ended beside good ones.
            let mut rounds = 0;
            while rounds < 3 || (ended.load(Ordering::Relaxed) == 0 && !hostile.is_finished()) {
                let beside: Vec<_> = GOOD.iter().map(|source| good(source)).collect();
                assert_eq!(beside, alone, "beside {source}");
                rounds += 1;
            }
            over.store(true, Ordering::Relaxed);
            for met in hostile.join().expect("no panic") {
                assert_eq!(met, Some(*limit), "{source}");
            }
        });
    }
}

#[tokio::test]
async fn hostile_runs_on_the_same_thread() {
    let tools = tools();
    let good = || script(GOOD[2]).host(&tools).run();
    let alone = seen(good().await);
    let limits = Limits::default().with_duration(Duration::from_millis(100));
    let hostile = script("while True: pass").limits(limits).run();
    let (hostile, one, two) = tokio::join!(hostile, good(), good());
    assert_eq!(hostile.expect_err("no end").limit(), Some(Limit::Duration));
    assert_eq!(seen(one), alone);
    assert_eq!(seen(two), alone);
}

/// State that a script could leave behind: how to read it and how to change it.
/// The change ends with a value that shows that it took place.
const STATE: &[(&str, &str, &str)] = &[
    ("a global", "left", "left = 1\nleft"),
    ("a builtin's name", "len([1])", "len = str\nlen([1])"),
    ("the name of a function", "add(1, 2)", "add = str\nadd([1])"),
    (
        "a module's list",
        "import sys\nsys.argv",
        "import sys\nsys.argv.append('left')\nsys.argv",
    ),
    (
        "a module's context",
        "import decimal\n(decimal.getcontext().prec, decimal.Decimal(1) / 3)",
        "import decimal\ndecimal.getcontext().prec = 5\n(decimal.getcontext().prec, decimal.Decimal(1) / 3)",
    ),
    (
        "random state",
        "import random\nrandom.random()",
        "import random\nrandom.seed(7)\nrandom.random()",
    ),
    (
        "another generator's state",
        "import random\nrandom.getstate()[:2]",
        "import random\nrandom.setstate(random.Randomness(5).getstate())\nrandom.getstate()[:2]",
    ),
    (
        "the working directory",
        "import os\n(os.getcwd(), open('here.txt').read())",
        "import os\nos.chdir('/sub')\n(os.getcwd(), open('here.txt').read())",
    ),
    (
        "the environment",
        "import os\ndict(os.environ)",
        "import os\ne = os.environ\ne.clear()\ne['LEFT'] = '1'\ndict(e)",
    ),
    ("what a lookup gave", "TABLE", "TABLE.append(2)\nTABLE"),
    (
        "a class",
        "class C:\n    x = 1\nC.x",
        "class C:\n    x = 1\nC.x = 2\nC.x",
    ),
    (
        "an open file",
        "open('/here.txt').read()",
        "f = open('/here.txt')\nf.read(2)\nf.read()",
    ),
];

/// One slot in the pool, so that each run gets the memory of the one before.
#[test]
fn nothing_is_left_for_the_next_run() {
    let monty = Monty::builder()
        .concurrent_runs(1)
        .build()
        .expect("the interpreter starts");
    let tools = tools().value("TABLE", [1]).expect("a list has a form");
    let files = monty_host::os::MemoryFiles::new()
        .file("/here.txt", "at the root")
        .and_then(|files| files.file("/sub/here.txt", "below"))
        .expect("two paths");
    let system = System::new()
        .files(files)
        .expect("nothing is mounted")
        .env("LANG", "C");
    let system: Arc<dyn Os> = Arc::new(system);
    let run = |source: &str| -> String {
        let script: Script = monty
            .script(source)
            .host(Host::new().tools(&tools).shared_os(Arc::clone(&system)))
            .options(Options::new().randomness(Randomness::Seeded(3)));
        seen(script.run_blocking())
    };
    for (name, read, change) in STATE {
        let before = run(read);
        assert_ne!(run(change), before, "{name} was not changed");
        assert_eq!(run(read), before, "{name} is left");
    }
}

/// Unless they are seeded, two runs have nothing in common by chance either.
#[test]
fn identities_are_never_the_same() {
    let instance = || {
        let report = run("class C:\n    pass\nC()").expect("runs");
        let Value::Instance(instance) = report.value else {
            panic!("no instance: {}", report.value);
        };
        [instance.id, instance.class.id]
    };
    let ids: HashSet<_> = (0..20).flat_map(|_| instance()).collect();
    assert_eq!(ids.len(), 40);
    let random = || run("import random\nrandom.getrandbits(128)").expect("runs");
    assert_ne!(random().value, random().value);
}

/// A script's own object is invalid in another run.
#[test]
fn objects_of_another_run() {
    let report = run("class C:\n    def secret(self):\n        return 1\nC()");
    let stranger = report.expect("runs").value;
    let script = script("c.secret()").input("c", &stranger);
    let error = script.expect("it has a form").run_blocking();
    let error = error.expect_err("its class is gone");
    assert_eq!(error.kind(), ErrorKind::Request);
    let message = error.to_string();
    assert!(message.contains("no longer exists"), "{message}");
}

fn outcome(script: Script) -> String {
    match script.run_blocking() {
        Ok(report) => report.value.to_string(),
        Err(error) => error.summary(),
    }
}

/// Tells which operations scripts asked for, and serves none of them.
#[derive(Clone, Default)]
struct Recorder(Arc<Mutex<BTreeSet<&'static str>>>);

macro_rules! record {
    ($($name:ident($($argument:ident: $type:ty),*) -> $output:ty;)*) => {
        #[async_trait::async_trait]
        impl Os for Recorder {
            $(
                async fn $name(&self, $($argument: $type),*) -> Result<$output, ErrorCode> {
                    $(let _ = $argument;)*
                    self.0.lock().expect("no panic").insert(stringify!($name));
                    Err(ErrorCode::Unhandled)
                }
            )*
        }
    };
}

record! {
    stat(path: &str, follow_links: bool) -> FileStat;
    read_link(path: &str) -> String;
    read(path: &str) -> Vec<u8>;
    write(path: &str, data: &[u8], mode: WriteMode) -> ();
    open(path: &str, mode: OpenMode) -> ();
    list_directory(path: &str) -> Vec<String>;
    scan(path: &str, options: ScanOptions) -> Vec<ScanEntry>;
    create_directory(path: &str) -> ();
    remove_file(path: &str) -> ();
    remove_directory(path: &str) -> ();
    rename(source: &str, destination: &str) -> ();
    getenv(name: &str) -> Option<String>;
    environ() -> Vec<(String, String)>;
    now() -> SystemTime;
    monotonic_now() -> Duration;
    sleep(duration: Duration) -> ();
    random_bytes(size: u64) -> Vec<u8>;
    import_module(name: &str) -> Value;
}

/// Each operation of `os-call`, and ways around it.
const OPERATIONS: &[&str] = &[
    "Path('/etc/passwd').exists()",
    "os.path.exists('/etc/passwd')",
    "Path('/etc/passwd').is_file()",
    "Path('/etc').is_dir()",
    "Path('/etc').is_symlink()",
    "Path('/etc/passwd').stat()",
    "os.stat('/etc/passwd')",
    "os.path.getsize('/etc/passwd')",
    "Path('/etc/passwd').read_text()",
    "Path('/etc/passwd').read_bytes()",
    "Path('/tmp/x').write_text('x')",
    "Path('/tmp/x').write_bytes(b'x')",
    "open('/etc/passwd')",
    "open('/etc/passwd', 'rb')",
    "open('/tmp/x', 'w')",
    "open('/tmp/x', 'a')",
    "open('x')",
    "list(Path('/').iterdir())",
    "os.listdir('/')",
    "list(os.scandir('/'))",
    "list(os.walk('/'))",
    "list(Path('/').glob('*'))",
    "list(Path('/').rglob('*'))",
    "Path('/tmp/x').mkdir()",
    "os.makedirs('/tmp/x/y')",
    "Path('/etc/passwd').unlink()",
    "os.remove('/etc/passwd')",
    "Path('/tmp').rmdir()",
    "Path('/etc/passwd').rename('/tmp/x')",
    "os.replace('/etc/passwd', '/tmp/x')",
    "Path('x').resolve()",
    "os.path.realpath('/proc/self/exe')",
    "Path('x').absolute()",
    "os.chdir('/tmp')",
    "os.getcwd()",
    "os.path.abspath('x')",
    "os.path.expanduser('~')",
    "os.path.expandvars('$HOME')",
    "os.getenv('HOME')",
    "os.getenv('HOME', 'default')",
    "os.environ",
    "os.environ['HOME']",
    "import datetime; datetime.date.today()",
    "import datetime; datetime.datetime.now()",
    "import datetime; datetime.datetime.now(datetime.timezone.utc)",
    "import time; time.time()",
    "import time; time.time_ns()",
    "import time; time.monotonic()",
    "import time; time.perf_counter_ns()",
    "import time; time.localtime()",
    "import time; time.sleep(0.001)",
    "import asyncio; await asyncio.sleep(0.001)",
    "import random; random.random()",
    "os.urandom(4)",
    "import requests",
    "import socket",
    "import ssl",
    "import http.client",
    "import urllib.request",
    "import ftplib",
    "import smtplib",
    "import subprocess",
    "import multiprocessing",
    "import threading",
    "import signal",
    "import ctypes",
    "import importlib",
    "import shutil",
    "import tempfile",
    "import sqlite3",
    "__import__('socket')",
    "os.system('id')",
    "os.fork()",
    "os.kill(1, 9)",
    "os.open('/etc/passwd', 0)",
    "os.symlink('/etc', '/tmp/x')",
    "input()",
    "breakpoint()",
    "compile('1', '', 'eval')",
];

/// Where time and randomness come from the host as well, and it serves none.
#[test]
fn operations_that_nobody_serves() {
    let recorder = Recorder::default();
    let seen = OPERATIONS.iter().map(|line| {
        let source = format!("import os\nfrom pathlib import Path\n{line}");
        let strict = |script: Script| {
            outcome(
                script.options(
                    Options::new()
                        .clock(Clock::Host)
                        .randomness(Randomness::Host),
                ),
            )
        };
        let seen = strict(script(&source));
        let recorded = strict(script(&source).host(Host::new().os(recorder.clone())));
        assert_eq!(recorded, seen, "{line}");
        format!("{line}\n    {seen}")
    });
    let seen: Vec<_> = seen.collect();
    assert_snapshot!("operations-nobody-serves", seen.join("\n"));

    let wit = std::fs::read_to_string(root().join("wit/os-call.wit")).expect("it is there");
    let operations: BTreeSet<_> = wit
        .lines()
        .filter_map(|line| line.trim_start().split_once(": func("))
        .map(|(name, _)| name.replace('-', "_"))
        .collect();
    let asked = recorder.0.lock().expect("no panic");
    let not_asked: Vec<_> = operations
        .iter()
        .filter(|name| !asked.contains(name.as_str()))
        .collect();
    assert!(not_asked.is_empty(), "{not_asked:?}");
}

/// With the default policies, time passes and dice roll; nothing else is there.
#[test]
fn time_and_randomness_by_default() {
    let source = "import datetime, random, time
a = (time.time(), time.monotonic(), time.perf_counter(), datetime.datetime.now())
b = (time.time(), time.monotonic(), time.perf_counter(), datetime.datetime.now())
[all(x <= y for x, y in zip(a, b)), 0 <= random.random() < 1, datetime.date.today().year > 2000]";
    let report = run(source).expect("runs");
    assert_eq!(report.value, Value::list([true, true, true]));
}

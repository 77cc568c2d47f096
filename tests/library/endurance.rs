//! Many runs, good and hostile, do not increase memory or open files.
#![cfg(target_os = "linux")]

use std::time::Duration;

use monty_host::os::{MemoryFiles, MountMode, System};
use monty_host::{ErrorKind, Host, Limits, Monty, Script, ToolError, Tools};

use crate::support::{alone_in_a_process, resident_bytes};

/// The number of rounds of the mix. `MONTY_ENDURANCE_ROUNDS=2000` takes some
/// twenty minutes.
const ROUNDS: usize = 25;
/// Rounds until caches, pools and the allocator are warm.
const WARM_UP: usize = 20;
/// The tolerance for resident memory: the allocator's own fluctuation.
const SLACK_BYTES: usize = 8 << 20;

/// Runs in a process of its own, whose memory no other test uses.
#[test]
fn memory_and_files_end_where_they_began() {
    alone_in_a_process("endurance::rounds");
}

#[test]
#[ignore = "measures its process, so `memory_and_files_end_where_they_began` starts one for it"]
fn rounds() {
    let rounds = std::env::var("MONTY_ENDURANCE_ROUNDS")
        .map_or(ROUNDS, |rounds| rounds.parse().expect("a number"));
    let monty = Monty::builder()
        .concurrent_runs(4)
        .build()
        .expect("the interpreter starts");
    for _ in 0..WARM_UP {
        round(&monty);
    }
    let before = Usage::now();
    for number in 0..rounds {
        round(&monty);
        if number % 20 == 19 {
            println!("after {} rounds: {:?}", number + 1, Usage::now());
        }
    }
    let after = Usage::now();
    println!("{before:?} before, {after:?} after {rounds} rounds");
    assert!(
        after.resident_bytes <= before.resident_bytes + SLACK_BYTES,
        "memory grew: {before:?}, {after:?}"
    );
    assert_eq!(after.files, before.files, "files stay open");
    assert!(after.threads <= before.threads, "{before:?}, {after:?}");
}

#[derive(Debug)]
struct Usage {
    resident_bytes: usize,
    files: usize,
    threads: usize,
}

impl Usage {
    fn now() -> Self {
        let entries = |path| std::fs::read_dir(path).expect("Linux has it").count();
        Self {
            resident_bytes: resident_bytes(),
            files: entries("/proc/self/fd"),
            threads: entries("/proc/self/task"),
        }
    }
}

/// A script, and how it ends: with a value, or an error of a kind.
type Case = (&'static str, Option<ErrorKind>);

const CASES: &[Case] = &[
    ("sum(i * i for i in range(1000))", None),
    (
        "import json\njson.loads(json.dumps({'a': [1, 2.5, None, 'é'] * 100}))",
        None,
    ),
    ("print('x' * 1000)\n[echo(i) for i in range(50)]", None),
    ("echo({'rows': [[i, str(i)] for i in range(500)]})", None),
    ("await pause()", None),
    ("[0] * 40_000", None),
    ("'a' * 1_000_000", None),
    ("open('/disk/hello.txt').read()", None),
    ("open('/memory/hello.txt').read()", None),
    (
        "from pathlib import Path\nPath('/overlay/new').write_text('a' * 100_000)",
        None,
    ),
    ("fs = [open('/disk/hello.txt') for _ in range(50)]\n1", None),
    ("fail()", Some(ErrorKind::Script)),
    ("1 / 0", Some(ErrorKind::Script)),
    ("unknown", Some(ErrorKind::Script)),
    ("open('/disk/out')", Some(ErrorKind::Script)),
    ("open('/etc/passwd')", Some(ErrorKind::Script)),
    ("(", Some(ErrorKind::Source)),
    (
        "exec('x = 1\\n' * 300_000)\nwhile True: pass",
        Some(ErrorKind::Limit),
    ),
    ("while True: print('spam' * 1000)", Some(ErrorKind::Limit)),
    ("while True: echo(1)", Some(ErrorKind::Limit)),
    ("def f(): f()\nf()", Some(ErrorKind::Limit)),
    ("'a' * 2_000_000_000", Some(ErrorKind::Limit)),
    (
        "xs = []\nwhile True: xs.append('a' * 100_000)",
        Some(ErrorKind::Limit),
    ),
    (
        "x = []\nfor _ in range(40): x = [x, x]\nx",
        Some(ErrorKind::Limit),
    ),
    ("eval('+'.join(['1'] * 50_000))", Some(ErrorKind::Limit)),
    ("exec('1+' * 40_000 + '1')", Some(ErrorKind::Limit)),
    ("'a' * 5_000_000", Some(ErrorKind::Limit)),
];

fn round(monty: &Monty) {
    let folder = tempfile::tempdir().expect("a folder");
    std::fs::write(folder.path().join("hello.txt"), "hello").expect("written");
    std::os::unix::fs::symlink("/etc/passwd", folder.path().join("out")).expect("linked");
    let system = System::new()
        .mount(folder.path(), "/disk", MountMode::ReadOnly)
        .and_then(|system| system.mount(folder.path(), "/overlay", MountMode::Overlay))
        .and_then(|system| {
            let files = MemoryFiles::new().file("/hello.txt", "hello")?;
            system.files_at("/memory", files)
        })
        .expect("mounted");
    std::thread::scope(|scope| {
        for half in [0, 1] {
            let system = &system;
            scope.spawn(move || {
                for (source, kind) in CASES.iter().skip(half).step_by(2) {
                    let mut script = limited(monty.script(*source), system.fresh());
                    if *kind == Some(ErrorKind::Limit) {
                        script = script.limits(limits().with_duration(SHORT));
                    }
                    let seen = script.run_blocking().err().map(|error| error.kind());
                    assert_eq!(seen, *kind, "{source}");
                }
            });
        }
    });
    dropped_before_its_end(monty);
}

/// For what has no end of its own.
const SHORT: Duration = Duration::from_millis(100);

fn limits() -> Limits {
    Limits::default()
        .with_memory_bytes(16 << 20)
        .with_output_bytes(1 << 20)
        .with_calls(200)
        .with_message_bytes(4 << 20)
}

fn limited(script: Script, system: System) -> Script {
    let tools = Tools::new()
        .function("echo", ["value"], |value: monty_host::Value| {
            Ok::<_, ToolError>(value)
        })
        .function("fail", (), || Err::<(), _>(ToolError::value_error("no")))
        .function("pause", (), async || {
            tokio::task::yield_now().await;
            Ok::<_, ToolError>(1)
        });
    script
        .limits(limits())
        .host(Host::new().tools(&tools).os(system))
}

/// A run whose host loses interest.
fn dropped_before_its_end(monty: &Monty) {
    let runtime = tokio::runtime::Builder::new_current_thread()
        .enable_time()
        .build()
        .expect("a runtime");
    runtime.block_on(async {
        let run = limited(monty.script("while True: pass"), System::new()).run();
        let dropped = tokio::time::timeout(Duration::from_millis(15), run).await;
        assert!(dropped.is_err(), "it has no end of its own");
    });
}

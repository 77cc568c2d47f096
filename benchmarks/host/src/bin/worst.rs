//! The cost to the host of the worst scripts within the limits, each in its own
//! process: `just bench-worst`.
//!
//! Prints, for each, the host time beside its limit, and the peak memory of the
//! process beside that of the instance and the host's limit.

use std::process::Command;
use std::time::{Duration, Instant};

use monty_host::os::{MemoryFiles, MountMode, System};
use monty_host::{Host, Limits, Monty, Statistics, ToolError, Tools, Value};

struct Worst {
    name: &'static str,
    source: &'static str,
    /// The limit on host memory besides messages, calls and answers.
    tree_bytes: u64,
}

const WORST: &[Worst] = &[
    Worst {
        name: "one argument, as JSON",
        source: "typed([[{'a': None}] * 100] * 2300)",
        tree_bytes: 0,
    },
    Worst {
        name: "arguments as JSON, for ever",
        source: "x = [[{'a': None}] * 100] * 2300\nwhile True: typed(x)",
        tree_bytes: 0,
    },
    Worst {
        name: "small arguments, for ever",
        source: "while True: typed(1)",
        tree_bytes: 0,
    },
    Worst {
        name: "calls that wait, as JSON",
        source: "x = [[{'a': None}] * 100] * 2300\nfor _ in range(4): never(x)",
        tree_bytes: 0,
    },
    Worst {
        name: "answers that nobody awaits",
        source: "for _ in range(90):\n    text(3_000_000)\n    pause()",
        tree_bytes: 0,
    },
    Worst {
        name: "a result of many objects",
        source: "list(range(690_000))",
        tree_bytes: 0,
    },
    Worst {
        name: "a result of one text",
        source: "'a' * 60_000_000",
        tree_bytes: 0,
    },
    Worst {
        name: "prints on two streams in turn",
        source: "import sys\nfor _ in range(90_000):\n    print('a' * 50)\n    print('b' * 50, file=sys.stderr)",
        tree_bytes: 0,
    },
    Worst {
        name: "a large directory, for ever",
        source: "import os\nwhile True: os.listdir('/host')",
        tree_bytes: 0,
    },
    Worst {
        name: "a large directory scanned, for ever",
        source: "import os\nwhile True: list(os.walk('/host'))",
        tree_bytes: 0,
    },
    Worst {
        name: "a tree of directories in memory",
        source: "import os\nfor i in range(9_000): os.makedirs(f'/memory/{i}/' + '/'.join('abcdefghijkl' * 8))",
        tree_bytes: 100 << 20,
    },
    Worst {
        name: "files in memory",
        source: "from pathlib import Path\nfor i in range(9_000): Path(f'/memory/{i}').write_bytes(b'x' * 11_000)",
        tree_bytes: 100 << 20,
    },
];

/// Entries of the directory of the host.
const ENTRIES: usize = 90_000;

fn main() {
    if let Ok(index) = std::env::var("MONTY_WORST") {
        return measure(&WORST[index.parse::<usize>().expect("an index")]);
    }
    println!(
        "{:38} {:>9} {:>9} {:>9} {:>9} {:>6}  outcome",
        "", "all", "host", "process", "instance", "ratio"
    );
    let program = std::env::current_exe().expect("this program");
    for index in 0..WORST.len() {
        let status = Command::new(&program)
            .env("MONTY_WORST", index.to_string())
            .status();
        assert!(status.expect("it starts").success());
    }
}

fn measure(worst: &Worst) {
    let monty = Monty::new().expect("the interpreter starts");
    monty.script("1").run_blocking().expect("it runs");
    let folder = std::env::temp_dir().join(format!("monty-worst-{}", std::process::id()));
    std::fs::create_dir(&folder).expect("a folder");
    if worst.source.contains("/host") {
        for entry in 0..ENTRIES {
            std::fs::write(folder.join(format!("{entry}.txt")), "").expect("written");
        }
    }
    let system = System::new()
        .mount(&folder, "/host", MountMode::ReadOnly)
        .and_then(|system| system.files_at("/memory", MemoryFiles::new()))
        .expect("mounted");
    let limits = Limits::default();
    let script = monty
        .script(worst.source)
        .host(Host::new().tools(&tools()).os(system));

    // Resets the peak so far (proc_pid_clear_refs(5)).
    let _ = std::fs::write("/proc/self/clear_refs", "5");
    let before = process_bytes("VmRSS");
    let started = Instant::now();
    let result = script.run_blocking();
    let all = started.elapsed();
    let peak = process_bytes("VmHWM").saturating_sub(before);
    let _ = std::fs::remove_dir_all(&folder);

    let (statistics, outcome) = match &result {
        Ok(report) => (report.statistics, "value".to_owned()),
        Err(error) => {
            let statistics = error.statistics().expect("the run began");
            let outcome = error.limit().map(|limit| format!("limit {limit}"));
            (*statistics, outcome.unwrap_or_else(|| error.summary()))
        }
    };
    let host_limit = limits.host_duration.expect("a limit");
    let memory_limit = limits.host_memory_bytes.expect("a limit") + worst.tree_bytes;
    let Statistics {
        host_time,
        peak_memory_bytes,
        ..
    } = statistics;
    let in_host = peak.saturating_sub(peak_memory_bytes as u64);
    let ratio = f64::max(
        host_time.as_secs_f64() / host_limit.as_secs_f64(),
        in_host as f64 / memory_limit as f64,
    );
    println!(
        "{:38} {:>7.2} s {:>7.2} s {:>5} MiB {:>5} MiB {:>6.2}  {outcome}",
        worst.name,
        all.as_secs_f64(),
        host_time.as_secs_f64(),
        peak >> 20,
        peak_memory_bytes >> 20,
        ratio
    );
}

fn tools() -> Tools {
    Tools::new()
        .function("typed", ["value"], |_: serde_json::Value| {})
        .async_function("never", ["value"], async |_: serde_json::Value| {
            std::future::pending::<Result<(), ToolError>>().await
        })
        .async_function("text", ["length"], async |length: usize| {
            Value::from("a".repeat(length))
        })
        .function("pause", (), async || {
            tokio::time::sleep(Duration::from_millis(1)).await;
        })
}

/// A line of `/proc/self/status`, in bytes.
fn process_bytes(name: &str) -> u64 {
    let status = std::fs::read_to_string("/proc/self/status").unwrap_or_default();
    let line = status.lines().find_map(|line| line.strip_prefix(name));
    let number = line.and_then(|line| line.trim_start_matches(':').split_whitespace().next());
    number
        .and_then(|number| number.parse::<u64>().ok())
        .unwrap_or(0)
        << 10
}

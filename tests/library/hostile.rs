//! Programs that mean harm, in `tests/hostile/`: each ends within its limits,
//! in the class that its first line states, and leaves nothing behind.
//!
//! The first line of a program is `# expect:` and a class, then what differs
//! from the defaults:
//!
//! - `value`, `script ValueError`, `source`, `source SyntaxError`, `limit memory`, …;
//! - `duration: 200ms`, `grace: 50ms`, `memory: 8MiB`, `calls: 100`,
//!   `output: 1MiB`, `message: 1MiB`, `host: 200ms`, `wait: 200ms`,
//!   `host-memory: 16MiB`;
//! - `with: files` for mounts of every mode at `/ro`, `/rw` and `/overlay`,
//!   with `with: tools` for [`tools`].
//!
//! In its source, `⟦5000 × (⟧` stands for five thousand brackets, and
//! `⟦nest 50 × if x:⟧` for fifty blocks in each other around `pass`.

use std::fmt::Write as _;
use std::path::{Path, PathBuf};
use std::sync::Mutex;
use std::sync::atomic::{AtomicUsize, Ordering};
use std::time::{Duration, Instant};

use monty_host::os::{MountMode, SleepPolicy, System};
use monty_host::{Error, Host, Limits, Report, ToolError, Tools, Value};

use crate::support::{assert_next_run_works, assert_snapshot, root, script};

/// The tolerance for a machine that is busy with other tests.
const BUSY: Duration = Duration::from_secs(2);

/// A program and its first line.
pub struct Program {
    pub name: String,
    source: String,
    expected: String,
    limits: Limits,
    files: bool,
    tools: bool,
}

impl Program {
    fn read(path: &Path) -> Self {
        let name = path.file_stem().expect("a name").to_string_lossy();
        let text = std::fs::read_to_string(path).expect("UTF-8");
        let first = text.lines().next().expect("a first line");
        let header = first.strip_prefix("# expect: ");
        let mut header = header
            .unwrap_or_else(|| panic!("{name} states no class"))
            .split("; ");
        let mut program = Self {
            name: name.to_string(),
            source: expand(&text),
            expected: header.next().expect("a class").to_owned(),
            limits: Limits::default(),
            files: false,
            tools: false,
        };
        for setting in header {
            program.set(setting);
        }
        program
    }

    fn set(&mut self, setting: &str) {
        let limits = std::mem::take(&mut self.limits);
        let (key, value) = setting.split_once(": ").expect("key: value");
        self.limits = match key {
            "duration" => limits.with_duration(milliseconds(value)),
            "grace" => limits.with_grace(milliseconds(value)),
            "memory" => limits.with_memory_bytes(mebibytes(value)),
            "calls" => limits.with_calls(value.parse().expect("a number")),
            "output" => limits.with_output_bytes(mebibytes(value)),
            "message" => limits.with_message_bytes(mebibytes(value) as usize),
            "host" => limits.with_host_duration(milliseconds(value)),
            "wait" => limits.with_wait_duration(milliseconds(value)),
            "host-memory" => limits.with_host_memory_bytes(mebibytes(value)),
            "with" => {
                self.files |= value == "files";
                self.tools |= value == "tools";
                limits
            }
            _ => panic!("{}: what is '{setting}'?", self.name),
        };
    }

    /// Runs it with its capabilities.
    pub fn run(&self) -> Result<Report, Error> {
        let script = script(&self.source).limits(self.limits.clone());
        let host = if self.tools {
            Host::from(tools())
        } else {
            Host::new()
        };
        if !self.files {
            return script.host(host.os(system())).run_blocking();
        }
        let folders = Folders::new();
        let result = script.host(host.os(folders.system())).run_blocking();
        folders.assert_untouched();
        result
    }

    /// Whether it sends the host something.
    #[cfg(target_os = "linux")]
    fn works_its_host(&self) -> bool {
        self.tools
            || self.files
            || self.name.starts_with("result_")
            || self.name.starts_with("print")
    }

    /// Runs it, and returns the outcome and any violations.
    fn judge(&self, wrong: &mut Vec<String>) -> String {
        let started = Instant::now();
        let result = self.run();
        let elapsed = started.elapsed();
        let statistics = match &result {
            Ok(report) => &report.statistics,
            Err(error) => error.statistics().expect("the run began"),
        };
        let (class, message) = match &result {
            Ok(report) => ("value".to_owned(), report.value.to_string()),
            Err(error) => (class(error), error.summary()),
        };
        let message: String = message.chars().take(160).collect();
        if let Err(error) = &result {
            // Everything a user may do with an error.
            let shown = (
                error.to_string(),
                format!("{error:?}"),
                format!("{error:#?}"),
            );
            assert!(!shown.0.is_empty(), "{}", self.name);
        }
        let limit = |limit: Option<Duration>| limit.expect("a limit") + self.limits.grace + BUSY;
        let Limits {
            duration,
            host_duration,
            wait_duration,
            ..
        } = self.limits;
        let all = limit(duration) + statistics.wait_time + statistics.host_time;
        for (time, limit, what) in [
            (statistics.python_time, limit(duration), "Python"),
            (statistics.host_time, limit(host_duration), "the host"),
            (statistics.wait_time, limit(wait_duration), "waiting"),
            (elapsed, all, "all"),
        ] {
            if time > limit {
                wrong.push(format!("{}: {time:?} in {what}", self.name));
            }
        }
        if class != self.expected && !class.starts_with(&format!("{} ", self.expected)) {
            wrong.push(format!(
                "{}: {class} instead of {}: {message}",
                self.name, self.expected
            ));
        }
        eprintln!(
            "{}: {elapsed:?}, {} MiB",
            self.name,
            statistics.peak_memory_bytes >> 20
        );
        assert_next_run_works();
        format!("{}: {class}\n    {}", self.name, message.escape_debug())
    }
}

fn class(error: &Error) -> String {
    let kind = error.kind().name();
    match (error.limit(), error.exception()) {
        (Some(limit), _) => format!("limit {limit}"),
        (None, Some(exception)) => format!("{kind} {}", exception.type_name),
        (None, None) => kind.to_owned(),
    }
}

fn milliseconds(text: &str) -> Duration {
    let number = text.strip_suffix("ms").expect("milliseconds");
    Duration::from_millis(number.parse().expect("a number"))
}

fn mebibytes(text: &str) -> u64 {
    let number: u64 = text
        .strip_suffix("MiB")
        .and_then(|number| number.parse().ok())
        .expect("mebibytes");
    number << 20
}

/// Expands `⟦⟧`.
fn expand(text: &str) -> String {
    let mut pieces = text.split('⟦');
    let mut source = pieces.next().unwrap_or_default().to_owned();
    for piece in pieces {
        let (macro_, rest) = piece.split_once('⟧').expect("a closing ⟧");
        let (count, repeated) = macro_.split_once(" × ").expect("a number × a text");
        match count.strip_prefix("nest ") {
            None => source.push_str(&repeated.repeat(count.parse().expect("a number"))),
            Some(depth) => {
                let depth: usize = depth.parse().expect("a number");
                for level in 0..depth {
                    let _ = writeln!(source, "{}{repeated}", " ".repeat(level));
                }
                let _ = write!(source, "{}pass", " ".repeat(depth));
            }
        }
        source.push_str(rest);
    }
    source
}

fn system() -> System {
    System::new().sleep_policy(SleepPolicy::Wait {
        total: Duration::from_millis(100),
    })
}

/// `echo` answers with its argument, `later` when it is awaited; `typed` takes
/// it as a Rust type. `fail` raises, `pause` waits a moment, `never` for ever.
fn tools() -> Tools {
    Tools::new()
        .function("echo", ["value"], |value: Value| Ok::<_, ToolError>(value))
        .async_function("later", ["value"], async |value: Value| {
            Ok::<_, ToolError>(value)
        })
        .function("typed", ["value"], |_: serde_json::Value| {
            Ok::<_, ToolError>(())
        })
        .async_function("never", ["value"], async |_: Value| {
            std::future::pending::<Result<(), ToolError>>().await
        })
        .function("fail", (), || Err::<(), _>(ToolError::value_error("no")))
        .function("pause", (), async || {
            tokio::time::sleep(Duration::from_millis(1)).await;
            Ok::<_, ToolError>(1)
        })
}

const SECRET: &str = "the secret outside";

/// A folder for each mode of a mount, with ways out of it, and a secret beside.
struct Folders(tempfile::TempDir);

impl Folders {
    fn new() -> Self {
        let folders = Self(tempfile::tempdir().expect("a folder"));
        std::fs::create_dir(folders.path("outside")).expect("made");
        std::fs::write(folders.path("outside/secret.txt"), SECRET).expect("written");
        for mode in ["ro", "rw", "overlay"] {
            std::fs::create_dir_all(folders.path(mode).join("sub")).expect("made");
            std::fs::write(folders.path(mode).join("hello.txt"), "hello").expect("written");
            #[cfg(unix)]
            {
                let secret = folders.path("outside/secret.txt");
                for (link, target) in [
                    ("up.txt", Path::new("../outside/secret.txt")),
                    ("up", Path::new("../outside")),
                    ("sub/up", Path::new("../../outside")),
                    ("absolute.txt", secret.as_path()),
                    ("root", Path::new("/")),
                    ("environ", Path::new("/proc/self/environ")),
                    ("loop", Path::new("loop")),
                    ("new", Path::new("../outside/new.txt")),
                    ("inside", Path::new("hello.txt")),
                ] {
                    let link = folders.path(mode).join(link);
                    std::os::unix::fs::symlink(target, link).expect("linked");
                }
            }
        }
        folders
    }

    fn path(&self, name: &str) -> PathBuf {
        self.0.path().join(name)
    }

    fn system(&self) -> System {
        [
            ("ro", MountMode::ReadOnly),
            ("rw", MountMode::ReadWrite),
            ("overlay", MountMode::Overlay),
        ]
        .into_iter()
        .fold(system(), |system, (name, mode)| {
            system
                .mount(self.path(name), &format!("/{name}"), mode)
                .expect("mounted")
        })
    }

    /// Whether the script stayed inside.
    fn assert_untouched(&self) {
        let outside = self.path("outside");
        let names = std::fs::read_dir(&outside).expect("it is there").count();
        assert_eq!(names, 1, "something was made outside");
        let secret = std::fs::read_to_string(outside.join("secret.txt"));
        assert_eq!(secret.expect("it is there"), SECRET);
        for mode in ["ro", "overlay"] {
            let names = std::fs::read_dir(self.path(mode)).expect("it is there");
            assert_eq!(names.count(), 2 + usize::from(cfg!(unix)) * 8, "{mode}");
            let hello = std::fs::read_to_string(self.path(mode).join("hello.txt"));
            assert_eq!(hello.expect("it is there"), "hello", "{mode}");
        }
    }
}

/// All programs, by name. `MONTY_HOSTILE` names the only ones to run.
pub fn programs() -> Vec<Program> {
    let only = std::env::var("MONTY_HOSTILE").unwrap_or_default();
    let folder = root().join("tests/hostile");
    let mut paths: Vec<_> = std::fs::read_dir(folder)
        .expect("the folder is there")
        .map(|entry| entry.expect("it can be read").path())
        .filter(|path| path.to_string_lossy().contains(&only))
        .collect();
    paths.sort();
    paths.iter().map(|path| Program::read(path)).collect()
}

/// What the process takes for a program that works its host: no more than the
/// instance and twice what the host may hold.
#[cfg(target_os = "linux")]
#[test]
fn no_program_takes_more_of_the_process_than_its_limits() {
    crate::support::alone_in_a_process("hostile::peaks");
}

#[cfg(target_os = "linux")]
#[test]
#[ignore = "run by the test above, in a process of its own"]
fn peaks() {
    assert_next_run_works();
    for program in programs().iter().filter(|program| program.works_its_host()) {
        // Resets the peak so far (proc_pid_clear_refs(5)).
        std::fs::write("/proc/self/clear_refs", "5").expect("the kernel has it");
        let before = process_bytes("VmRSS");
        let result = program.run();
        let peak = process_bytes("VmHWM").saturating_sub(before);
        let statistics = match &result {
            Ok(report) => &report.statistics,
            Err(error) => error.statistics().expect("the run began"),
        };
        let host = program.limits.host_memory_bytes.expect("a limit");
        // Memory that the allocator keeps, and the pages of the test itself.
        let allowed = statistics.peak_memory_bytes as u64 + 2 * host + (16 << 20);
        eprintln!(
            "{}: {} MiB of {} MiB, {} MiB counted in the host",
            program.name,
            peak >> 20,
            allowed >> 20,
            statistics.peak_host_memory_bytes >> 20
        );
        assert!(peak <= allowed, "{}: {peak} bytes", program.name);
    }
}

/// A line of `/proc/self/status`, in bytes.
#[cfg(target_os = "linux")]
fn process_bytes(name: &str) -> u64 {
    let status = std::fs::read_to_string("/proc/self/status").expect("it is there");
    let line = status.lines().find_map(|line| line.strip_prefix(name));
    let number = line.and_then(|line| line.trim_start_matches(':').split_whitespace().next());
    number.expect("a number").parse::<u64>().expect("kilobytes") << 10
}

#[test]
fn every_program_ends_as_its_first_line_says() {
    let programs = programs();
    let next = AtomicUsize::new(0);
    let seen = Mutex::new(Vec::new());
    let wrong = Mutex::new(Vec::new());
    std::thread::scope(|scope| {
        for _ in 0..2 {
            scope.spawn(|| {
                while let Some(program) = programs.get(next.fetch_add(1, Ordering::Relaxed)) {
                    let mut faults = Vec::new();
                    let outcome = program.judge(&mut faults);
                    seen.lock().expect("no panic").push(outcome);
                    wrong.lock().expect("no panic").extend(faults);
                }
            });
        }
    });
    let wrong = wrong.into_inner().expect("no panic");
    assert!(wrong.is_empty(), "{}", wrong.join("\n"));
    if std::env::var_os("MONTY_HOSTILE").is_some() {
        return;
    }
    assert!(programs.len() >= 60);
    let mut seen = seen.into_inner().expect("no panic");
    seen.sort();
    let mut settings = insta::Settings::clone_current();
    // Whether the inner or the outer limit of time stops it depends on the
    // machine.
    settings.add_filter(
        r"(TimeoutError: )?(feed )?time limit exceeded: [\d.]+(µs|ms|s) >",
        "time limit exceeded: [elapsed] >",
    );
    settings.add_filter(r"\d+ bytes", "[bytes]");
    settings.bind(|| assert_snapshot!("programs", seen.join("\n")));
}

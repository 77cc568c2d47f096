//! The scripts about files, environment and time, on each kind of files.

use std::time::{Duration, SystemTime, UNIX_EPOCH};

use monty_host::os::{Clock, MemoryFiles, MountMode, System};
use monty_host::{Collect, Host, Limits, Options, TimeZone};

use super::kit::corpus::{Case, Entry, Zone, build};
use super::kit::report;
use crate::support;

/// Where the scripts find their files.
const ROOT: &str = "/data";

#[tokio::test]
async fn files_in_memory() {
    check("memory", &["writes", "links"], None).await;
}

#[tokio::test]
async fn a_directory_mounted_read_write() {
    check(
        "read-write",
        &["writes", "links"],
        Some(MountMode::ReadWrite),
    )
    .await;
}

#[tokio::test]
async fn a_directory_mounted_read_only() {
    check("read-only", &["links"], Some(MountMode::ReadOnly)).await;
}

#[tokio::test]
async fn a_directory_mounted_as_an_overlay() {
    check("overlay", &["writes", "links"], Some(MountMode::Overlay)).await;
}

/// The clock of the system, where a script asks that and not an instant of its
/// options.
#[tokio::test]
async fn the_clock_of_a_system() {
    let mut cases = Case::all_with(&[]);
    cases.retain(|case| case.now.is_some());
    run_all(&cases, None, Clock::Host, &["interpreter", "host-clock"]).await;
}

async fn check(files: &str, has: &[&str], mode: Option<MountMode>) {
    let who = ["interpreter", "fixed-clock", files];
    run_all(&Case::all_with(has), mode, Clock::System, &who).await;
}

/// Runs cases, those with an instant by this clock.
async fn run_all(cases: &[Case], mode: Option<MountMode>, clock: Clock, who: &[&str]) {
    let mut failures = Vec::new();
    for case in cases {
        match run(case, mode, clock).await {
            Ok(printed) => failures.extend(case.compare(&printed, who)),
            Err(error) => failures.push(format!("{}: {error}", case.name)),
        }
    }
    report(cases.len(), &failures);
}

async fn run(
    case: &Case,
    mode: Option<MountMode>,
    clock: Clock,
) -> Result<String, monty_host::Error> {
    let directory = tempfile::tempdir().expect("there is room");
    let mut system = match mode {
        Some(mode) => {
            build(&case.tree, directory.path());
            System::new().mount(directory.path(), ROOT, mode)
        }
        None => System::new().files_at(ROOT, in_memory(&case.tree)),
    }
    .expect("nothing else is mounted");
    for (name, value) in &case.environment {
        system = system.env(name, value);
    }
    let now = case
        .now
        .map(|(seconds, nanoseconds)| Clock::Fixed(instant(seconds, nanoseconds)));
    let mut clock = clock;
    match (now, clock) {
        (Some(now), Clock::Host) => system = system.clock(now),
        (Some(now), _) => clock = now,
        (None, _) => {}
    }
    let printed = Collect::new();
    let options = Options::new().working_directory(ROOT).clock(clock);
    let options = match &case.timezone {
        Some(Zone::Named(name)) => options.local_timezone(name.as_str()),
        Some(Zone::Fixed(offset_seconds, name)) => options.local_timezone(TimeZone {
            offset_seconds: *offset_seconds,
            name: Some(name.clone()),
        }),
        None => options,
    };
    let script = support::script(&case.source)
        .input("root", ROOT)?
        .host(Host::new().print(printed.clone()).os(system))
        .limits(limits())
        .options(options);
    support::in_time(script.run()).await?;
    Ok(printed.take().to_string())
}

/// What is compared is what a script prints, and not how long a debug build takes
/// on a busy machine.
fn limits() -> Limits {
    Limits::default()
        .with_calls(100_000)
        .with_duration(Duration::from_secs(60))
        .with_host_duration(Duration::from_secs(60))
}

fn instant(seconds: i64, nanoseconds: u32) -> SystemTime {
    let whole = Duration::from_secs(seconds.unsigned_abs());
    let second = match seconds {
        ..0 => UNIX_EPOCH - whole,
        0.. => UNIX_EPOCH + whole,
    };
    second + Duration::from_nanos(u64::from(nanoseconds))
}

fn in_memory(tree: &[Entry]) -> MemoryFiles {
    tree.iter().fold(MemoryFiles::new(), |files, entry| {
        let files = match entry {
            Entry::Directory(path) => files.directory(&format!("/{path}")),
            Entry::File(path, content) => files.file(&format!("/{path}"), content.clone()),
            Entry::Link(path, target) => files.link(&format!("/{path}"), target),
        };
        files.expect("a path that is not taken")
    })
}

//! The rows of `benchmarks/compare` in monty-host, under the default limits.
//!
//! `host-benchmarks`
//! `host-benchmarks COMPONENT`: measures another build of the component.
//! `host-benchmarks --precompiled FILE`: for `benchmarks/guards`, which counts
//! instructions. Loads compiled code, and has no limits of time: valgrind takes some
//! fifty times as long. It is all that works without the feature `compile`.

#[cfg(feature = "compile")]
mod checks;
#[cfg(feature = "compile")]
mod code_mode;
mod messages;
mod neighbours;
mod scripts;
mod sessions;
mod spawned;
mod tools;

use std::error::Error;
use std::ffi::OsString;

use benchmark_runner::{Absent, Row, serve};
use monty_host::{Limits, Monty};
use tokio::runtime::{Builder, Runtime};

use crate::scripts::Before;

type Failure = Box<dyn Error>;

/// What all rows run in.
struct Bench {
    monty: Monty,
    limits: Limits,
    /// One thread, as the other competitors have.
    runtime: Runtime,
}

/// The default of `monty_host::MontyBuilder::ready_instances`.
const READY_INSTANCES: u32 = 8;

fn main() -> Result<(), Failure> {
    let mut limits = Limits::default();
    let mut ready_instances = READY_INSTANCES;
    if precompiled().is_some() {
        // For counts that are the same each time: whether an instance is ready in
        // time is chance.
        ready_instances = 0;
        limits.duration = None;
        limits.host_duration = None;
    }
    let bench = Bench {
        monty: monty(ready_instances)?,
        limits,
        runtime: Builder::new_current_thread().enable_all().build()?,
    };
    serve(|row| open(&bench, row))
}

/// An engine with the component that the arguments ask for.
fn monty(ready_instances: u32) -> Result<Monty, Failure> {
    if let Some(path) = precompiled() {
        let builder = Monty::builder().ready_instances(ready_instances);
        // SAFETY: whoever measures the file has made it.
        return Ok(unsafe { builder.build_precompiled(path) }?);
    }
    #[cfg(feature = "compile")]
    {
        let mut builder = Monty::builder().ready_instances(ready_instances);
        if let Some(path) = std::env::args_os().nth(1) {
            builder = builder.component(std::fs::read(path)?);
        }
        Ok(builder.build()?)
    }
    #[cfg(not(feature = "compile"))]
    Err("--precompiled FILE is missing, and this was built without the feature `compile`".into())
}

/// The file of `--precompiled`.
fn precompiled() -> Option<OsString> {
    let mut arguments = std::env::args_os().skip(1);
    arguments
        .next()
        .filter(|option| option == "--precompiled")
        .and_then(|_| arguments.next())
}

fn open<'a>(bench: &'a Bench, row: &str) -> Result<Row<'a>, Absent> {
    let (kind, rest) = row.split_once(' ').unwrap_or((row, ""));
    Ok(match (kind, rest) {
        ("start", "") => scripts::start(bench),
        ("fresh", "") => scripts::alone(bench, "1 + 1".to_owned()),
        ("first-result", "") => scripts::first_result(bench, Before::Work),
        ("first-result-after-pause", "") => scripts::first_result(bench, Before::Pause),
        ("program", path) => scripts::alone(bench, std::fs::read_to_string(path)?),
        ("script", path) => scripts::with_host(bench, std::fs::read_to_string(path)?)?,
        ("spawned", threads) => spawned::at_once(bench.monty.clone(), threads.parse()?)?,
        // No thread beside the workers makes instances.
        ("spawned-own", threads) => spawned::at_once(monty(0)?, threads.parse()?)?,
        ("live", "") => sessions::live(bench)?,
        ("live-after-pause", "") => sessions::live_after_pause(bench)?,
        ("restored", "") => sessions::restored(bench)?,
        ("parked", "") => sessions::parked(bench)?,
        ("suspended", "") => sessions::suspended(bench)?,
        ("memory", "live") => sessions::memory(bench, false),
        ("memory", "parked") => sessions::memory(bench, true),
        #[cfg(feature = "compile")]
        ("ten-calls", "") => code_mode::ten_calls(bench)?,
        #[cfg(feature = "compile")]
        ("code-mode", row) => return code_mode::open(bench, row),
        #[cfg(feature = "compile")]
        ("check", row) => return checks::open(bench, row),
        ("decode", message) => return messages::decode(message),
        ("beside", neighbour) => return neighbours::beside(bench, neighbour),
        _ => return Err(Absent::Row("monty-host has no such thing")),
    })
}

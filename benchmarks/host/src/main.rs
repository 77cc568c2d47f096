//! The rows of `benchmarks/compare` in monty-host, under the default limits.
//!
//! `host-benchmarks`
//! `host-benchmarks COMPONENT`: measures another build of the component.
//! `host-benchmarks --precompiled FILE`: loads what `monty-host compile` wrote, and is
//! all that works without the feature `compile`.

mod messages;
mod neighbours;
mod scripts;
mod sessions;
mod spawned;
mod tools;

use std::error::Error;

use benchmark_runner::{Absent, Row, serve};
use monty_host::Monty;
use tokio::runtime::{Builder, Runtime};

type Failure = Box<dyn Error>;

/// What all rows run in.
struct Bench {
    monty: Monty,
    /// One thread, as the other competitors have.
    runtime: Runtime,
}

fn main() -> Result<(), Failure> {
    let bench = Bench {
        monty: monty()?,
        runtime: Builder::new_current_thread().enable_all().build()?,
    };
    serve(|row| open(&bench, row))
}

fn monty() -> Result<Monty, Failure> {
    let mut arguments = std::env::args_os().skip(1);
    match (arguments.next(), arguments.next()) {
        (Some(option), Some(path)) if option == "--precompiled" => {
            // SAFETY: whoever measures the file has made it.
            Ok(unsafe { Monty::builder().build_precompiled(path) }?)
        }
        #[cfg(feature = "compile")]
        (None, None) => Ok(Monty::new()?),
        #[cfg(feature = "compile")]
        (Some(path), None) => Ok(Monty::builder().component(std::fs::read(path)?).build()?),
        _ => Err("the arguments are not those of its documentation".into()),
    }
}

fn open<'a>(bench: &'a Bench, row: &str) -> Result<Row<'a>, Absent> {
    let (kind, rest) = row.split_once(' ').unwrap_or((row, ""));
    Ok(match (kind, rest) {
        ("start", "") => scripts::start(bench),
        ("fresh", "") => scripts::alone(bench, "1 + 1".to_owned()),
        ("first-result", "") => scripts::first_result(bench),
        ("program", path) => scripts::alone(bench, std::fs::read_to_string(path)?),
        ("script", path) => scripts::with_host(bench, std::fs::read_to_string(path)?)?,
        ("spawned", threads) => spawned::at_once(bench, threads.parse()?)?,
        ("live", "") => sessions::live(bench)?,
        ("restored", "") => sessions::restored(bench)?,
        ("parked", "") => sessions::parked(bench)?,
        ("suspended", "") => sessions::suspended(bench)?,
        ("memory", "live") => sessions::memory(bench, false),
        ("memory", "parked") => sessions::memory(bench, true),
        ("decode", message) => return messages::decode(message),
        ("beside", neighbour) => return neighbours::beside(bench, neighbour),
        _ => return Err(Absent::Row("monty-host has no such thing")),
    })
}

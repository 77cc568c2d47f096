//! The interpreter compiled natively: the rows of `benchmarks/compare` without a
//! sandbox. Driven through the same calls of Monty as in the guest, under the
//! limits that `monty-host` sets by default.

mod script;
mod sessions;

use std::error::Error;
use std::time::{Duration, Instant};

use benchmark_runner::{Absent, Done, PAUSE, Row, serve, work};
use monty::MontyRepl;
use monty_types::{CompileOptions, MontyObject, ResourceLimits, ResourceTracker};

/// The counting allocator of Monty, on that of the system.
#[global_allocator]
static ALLOCATOR: monty_alloc::LimitedAllocator = monty_alloc::LimitedAllocator;

type Failure = Box<dyn Error>;

fn main() -> Result<(), Failure> {
    // Starts to count, as the guest does.
    monty_alloc::set_hard_limit(None)?;
    serve(open)
}

fn open(row: &str) -> Result<Row<'static>, Absent> {
    match row.split_once(' ') {
        Some(("program" | "script", path)) => Ok(fresh(std::fs::read_to_string(path)?)?),
        Some(("memory", "live")) => Ok(sessions::memory()),
        None if row == "fresh" => Ok(fresh("1 + 1".to_owned())?),
        None if row == "first-result" => Ok(first_result(work)?),
        None if row == "first-result-after-pause" => {
            Ok(first_result(|| std::thread::sleep(PAUSE))?)
        }
        None if row == "live" => Ok(sessions::live()?),
        None if row == "parked" => Ok(sessions::parked()?),
        None if row == "suspended" => Ok(sessions::suspended()),
        _ => Err(Absent::Row("the interpreter alone has no such thing")),
    }
}

/// Each iteration in an interpreter of its own.
fn fresh(source: String) -> Result<Row<'static>, Failure> {
    let mut host = script::Host::new()?;
    Ok(Box::new(move |iterations| {
        let mut answer = MontyObject::none();
        for _ in 0..iterations {
            (_, answer) = host.run(interpreter(), &source)?;
        }
        Ok(Done::answer(answer.py_repr()))
    }))
}

/// From a request to its result.
fn first_result(before: fn()) -> Result<Row<'static>, Failure> {
    let mut host = script::Host::new()?;
    Ok(Box::new(move |iterations| {
        let mut done = Done::default();
        let mut time = Duration::ZERO;
        for _ in 0..iterations {
            before();
            let started = Instant::now();
            let (_, answer) = host.run(interpreter(), "1 + 1")?;
            time += started.elapsed();
            done.answer = answer.py_repr();
        }
        done.time = Some(time);
        Ok(done)
    }))
}

/// The defaults of `monty_host::Limits`, of those that the interpreter checks.
fn limits() -> ResourceLimits {
    ResourceLimits {
        max_feed_duration: Some(Duration::from_secs(5)),
        max_memory: Some(128 << 20),
        ..ResourceLimits::default()
    }
}

fn interpreter() -> MontyRepl {
    let options = CompileOptions::default();
    MontyRepl::new("script.py", ResourceTracker::new(limits()), options)
}

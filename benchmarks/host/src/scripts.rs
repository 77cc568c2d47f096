//! Scripts, each run in an instance of its own.

use std::time::{Duration, Instant};

use benchmark_runner::{Done, PAUSE, Row, work};
use monty_host::os::{MountMode, System};
use monty_host::{Discard, Error, Host, Report, Value};

use crate::tools::tools;
use crate::{Bench, Failure};

/// A script that reaches nothing.
pub fn alone(bench: &Bench, source: String) -> Row<'_> {
    Box::new(move |iterations| {
        bench.runtime.block_on(async {
            let mut answer = Value::None;
            for _ in 0..iterations {
                let script = bench.monty.script(&source).limits(bench.limits.clone());
                answer = script.run().await?.value;
            }
            Ok(Done::answer(answer))
        })
    })
}

/// Each iteration in an engine of its own, whose compiled code is not.
pub fn start(bench: &Bench) -> Row<'_> {
    Box::new(move |iterations| {
        bench.runtime.block_on(async {
            let mut answer = Value::None;
            for _ in 0..iterations {
                answer = crate::monty(crate::READY_INSTANCES)?
                    .script("1 + 1")
                    .run()
                    .await?
                    .value;
            }
            Ok(Done::answer(answer))
        })
    })
}

/// From a request to its result. What goes before and what follows does not count.
pub fn first_result(bench: &Bench, before: Before) -> Row<'_> {
    Box::new(move |iterations| {
        let run = async || bench.monty.script("1 + 1").run().await;
        bench.runtime.block_on(requests(iterations, before, run))
    })
}

/// What goes before a request. Either way, an instance is ready for it.
#[derive(Clone, Copy)]
pub enum Before {
    /// The thread does something else.
    Work,
    /// The thread sleeps, and other work takes the caches.
    Pause,
}

impl Before {
    async fn pass(self) {
        match self {
            Self::Work => work(),
            Self::Pause => tokio::time::sleep(PAUSE).await,
        }
    }
}

/// Runs of which only the time from request to result counts.
pub async fn requests(
    iterations: u64,
    before: Before,
    mut run: impl AsyncFnMut() -> Result<Report, Error>,
) -> Result<Done, Failure> {
    let mut done = Done::default();
    let mut time = Duration::ZERO;
    for _ in 0..iterations {
        before.pass().await;
        let started = Instant::now();
        let report = run().await?;
        time += started.elapsed();
        done.answer = report.value.to_string();
    }
    done.time = Some(time);
    Ok(done)
}

/// A script with tools, files and prints.
pub fn with_host(bench: &Bench, source: String) -> Result<Row<'_>, Failure> {
    let tools = tools()?;
    let data = std::env::var_os("BENCHMARK_DATA").ok_or("BENCHMARK_DATA is not set")?;
    let system = System::new().mount(data, "/data", MountMode::ReadOnly)?;
    let host = Host::new().tools(&tools).os(system).print(Discard);
    Ok(Box::new(move |iterations| {
        bench.runtime.block_on(async {
            let mut answer = Value::None;
            for _ in 0..iterations {
                let script = bench.monty.script(&source).host(host.clone());
                answer = script.limits(bench.limits.clone()).run().await?.value;
            }
            Ok(Done::answer(answer))
        })
    }))
}

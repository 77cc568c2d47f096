//! Many runs at once.

use benchmark_runner::{Done, Row};
use monty_host::Value;
use tokio::runtime::Builder;

use crate::{Bench, Failure};

/// 1,000 runs of `1 + 1` on this many threads.
pub fn at_once(bench: &Bench, threads: usize) -> Result<Row<'_>, Failure> {
    const RUNS: usize = 1000;
    let runtime = Builder::new_multi_thread()
        .worker_threads(threads)
        .enable_all()
        .build()?;
    Ok(Box::new(move |iterations| {
        runtime.block_on(async {
            let mut answer = Value::None;
            for _ in 0..iterations {
                let runs: Vec<_> = (0..RUNS)
                    .map(|_| tokio::spawn(bench.monty.script("1 + 1").run()))
                    .collect();
                for run in runs {
                    answer = run.await??.value;
                }
            }
            Ok(Done::answer(answer))
        })
    }))
}

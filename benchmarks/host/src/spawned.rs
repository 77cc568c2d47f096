//! Many runs at once.

use benchmark_runner::{Done, Row};
use monty_host::{Monty, Value};
use tokio::runtime::Builder;

use crate::Failure;

/// 1,000 runs of `1 + 1` on this many threads.
pub fn at_once(monty: Monty, threads: usize) -> Result<Row<'static>, Failure> {
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
                    .map(|_| tokio::spawn(monty.script("1 + 1").run()))
                    .collect();
                for run in runs {
                    answer = run.await??.value;
                }
            }
            Ok(Done::answer(answer))
        })
    }))
}

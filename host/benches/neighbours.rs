//! The effect of a hostile script on the speed of a good one on another thread:
//! `cargo bench -p monty-host --bench neighbours`. On a machine with a core for
//! each, they share only caches, memory and the pool.

use std::sync::atomic::{AtomicBool, Ordering};
use std::time::Duration;

use criterion::{Criterion, criterion_group, criterion_main};
use monty_host::{Discard, Host, Limits, Monty, Script, Tools};
use tokio::runtime::Runtime;

const GOOD: &str = "\
def fib(n):
    return n if n < 2 else fib(n - 1) + fib(n - 2)
rows = [{'id': i, 'name': str(i)} for i in range(200)]
(fib(15), sum(add(row['id'], 1) for row in rows))";

const HOSTILE: &[(&str, &str)] = &[
    ("an endless loop", "while True: pass"),
    (
        "a memory bomb",
        "x = []\nwhile True: x.append('a' * 100_000)",
    ),
    ("a flood of prints", "while True: print('spam' * 100)"),
    ("a flood of calls", "while True: add(1, 2)"),
    (
        "runaway recursion",
        "def f():\n    f()\nwhile True:\n    try:\n        f()\n    except RecursionError:\n        pass",
    ),
];

fn neighbours(criterion: &mut Criterion) {
    let runtime = Runtime::new().expect("the runtime starts");
    let monty = Monty::new().expect("the interpreter starts");
    let tools = Tools::new().function("add", ["a", "b"], |a: i64, b: i64| a + b);
    let script = |source: &str| -> Script {
        monty
            .script(source)
            .host(Host::new().tools(&tools).print(Discard))
    };
    let good = || {
        let script = script(GOOD).limits(Limits::unlimited());
        runtime.block_on(script.run()).expect("it runs")
    };
    let mut group = criterion.benchmark_group("a good script");
    group.bench_function("alone", |bencher| {
        bencher.iter(good);
    });
    for (name, source) in HOSTILE {
        let over = AtomicBool::new(false);
        std::thread::scope(|scope| {
            scope.spawn(|| {
                while !over.load(Ordering::Relaxed) {
                    let hostile = script(source).limits(limits());
                    hostile.run_blocking().expect_err("a limit stops it");
                }
            });
            group.bench_function(format!("beside {name}"), |bencher| {
                bencher.iter(good);
            });
            over.store(true, Ordering::Relaxed);
        });
    }
    group.finish();
}

/// A hostile script is stopped soon, so that the bench ends in time.
fn limits() -> Limits {
    Limits::default()
        .with_duration(Duration::from_millis(100))
        .with_calls(u64::MAX)
        .with_output_bytes(u64::MAX)
}

criterion_group!(benches, neighbours);
criterion_main!(benches);

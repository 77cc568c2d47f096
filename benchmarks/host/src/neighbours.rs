//! A good script beside a hostile one on another thread. On a machine with a core
//! for each, they share only caches, memory and the pool.

use std::sync::Arc;
use std::sync::atomic::{AtomicBool, Ordering};
use std::thread::JoinHandle;
use std::time::Duration;

use benchmark_runner::{Absent, Done, Row};
use monty_host::{Discard, Host, Limits, Monty, Tools, Value};

use crate::Bench;

const GOOD: &str = "\
def fib(n):
    return n if n < 2 else fib(n - 1) + fib(n - 2)
rows = [{'id': i, 'name': str(i)} for i in range(200)]
(fib(15), sum(add(row['id'], 1) for row in rows))";

/// A script that a limit stops, run again and again until it is dropped.
struct Neighbour {
    over: Arc<AtomicBool>,
    thread: Option<JoinHandle<()>>,
}

impl Neighbour {
    fn start(monty: &Monty, source: &'static str) -> Self {
        let over = Arc::new(AtomicBool::new(false));
        let (monty, told) = (monty.clone(), Arc::clone(&over));
        let thread = std::thread::spawn(move || {
            while !told.load(Ordering::Relaxed) {
                let script = monty.script(source).host(host());
                // A limit stops it.
                let _ = script.limits(limits()).run_blocking();
            }
        });
        Self {
            over,
            thread: Some(thread),
        }
    }
}

impl Drop for Neighbour {
    fn drop(&mut self) {
        self.over.store(true, Ordering::Relaxed);
        if let Some(thread) = self.thread.take() {
            // It does not panic.
            let _ = thread.join();
        }
    }
}

/// The good script beside the neighbour of this name.
pub fn beside<'a>(bench: &'a Bench, name: &str) -> Result<Row<'a>, Absent> {
    let source = match name {
        "nothing" => None,
        "loop" => Some("while True: pass"),
        "memory" => Some("x = []\nwhile True: x.append('a' * 100_000)"),
        "prints" => Some("while True: print('spam' * 100)"),
        "calls" => Some("while True: add(1, 2)"),
        "recursion" => Some(
            "def f():\n    f()\nwhile True:\n    try:\n        f()\n    except RecursionError:\n        pass",
        ),
        _ => return Err(Absent::Row("there is no such neighbour")),
    };
    let neighbour = source.map(|source| Neighbour::start(&bench.monty, source));
    Ok(Box::new(move |iterations| {
        let _stays = &neighbour;
        bench.runtime.block_on(async {
            let mut answer = Value::None;
            for _ in 0..iterations {
                let script = bench.monty.script(GOOD).host(host());
                answer = script.run().await?.value;
            }
            Ok(Done::answer(answer))
        })
    }))
}

fn host() -> Host {
    let tools = Tools::new().function("add", ["a", "b"], |a: i64, b: i64| a + b);
    Host::new().tools(&tools).print(Discard)
}

/// A hostile script is stopped soon, so that the row ends in time.
fn limits() -> Limits {
    Limits::default()
        .with_duration(Duration::from_millis(100))
        .with_calls(u64::MAX)
        .with_output_bytes(u64::MAX)
}

//! The cost of crossing the boundary: `just bench`.

use criterion::{Criterion, Throughput, criterion_group, criterion_main};
use monty_host::{Discard, Host, Limits, Monty, Script, Tools, Value};
use serde::{Deserialize, Serialize};
use tokio::runtime::Runtime;

/// Calls in one run, so that the cost of the run itself disappears.
const CALLS: u64 = 1000;

#[derive(Clone, Deserialize, Serialize)]
struct Row {
    id: i64,
    name: String,
    price: f64,
    active: bool,
    tags: Vec<String>,
}

fn rows() -> Vec<Row> {
    (0..100)
        .map(|id| Row {
            id,
            name: format!("product {id}"),
            price: 9.5 + id as f64,
            active: id % 2 == 0,
            tags: vec!["new".to_owned(), "sale".to_owned()],
        })
        .collect()
}

fn tools() -> Tools {
    let encoded = monty_host::value::to_value(&rows()).expect("rows have a form");
    Tools::new()
        .function("add", ["a", "b"], |a: i64, b: i64| a + b)
        .function("add_later", ["a", "b"], async |a: i64, b: i64| a + b)
        .function("rows", (), rows)
        .function("value", (), move || encoded.clone())
        .function("take", ["rows"], |rows: Vec<Row>| rows.len())
        .function("take_value", ["rows"], |rows: Value| rows.is_none())
}

fn boundary(criterion: &mut Criterion) {
    let runtime = Runtime::new().expect("the runtime starts");
    let monty = Monty::new().expect("the interpreter starts");
    let tools = tools();
    let script = |source: &str| -> Script {
        monty
            .script(source)
            .host(Host::new().tools(&tools).print(Discard))
            .limits(Limits::unlimited())
    };
    let run = |source: &str| {
        runtime
            .block_on(script(source).run())
            .expect("the script has a value")
    };

    criterion.bench_function("a fresh instance and 1 + 1", |bencher| {
        bencher.iter(|| run("1 + 1"));
    });
    criterion.bench_function("fib(27)", |bencher| {
        let source = "def fib(n):\n    return n if n < 2 else fib(n - 1) + fib(n - 2)\nfib(27)";
        bencher.iter(|| run(source));
    });

    let mut calls = criterion.benchmark_group(format!("{CALLS} calls"));
    calls.throughput(Throughput::Elements(CALLS));
    for (name, call) in [
        ("of nothing, for comparison", "None"),
        ("with two ints, answered by one", "add(i, 1)"),
        ("with two ints, async", "add_later(i, 1)"),
        ("answered by 100 dict rows from serde", "rows()"),
        ("answered by 100 dict rows as a Value", "value()"),
        ("with 100 dict rows as argument, to serde", "take(data)"),
        (
            "with 100 dict rows as argument, a Value",
            "take_value(data)",
        ),
        ("that print a line", "print('line', i)"),
    ] {
        let source = format!("data = rows()\nfor i in range({CALLS}): {call}");
        calls.bench_function(name, |bencher| bencher.iter(|| run(&source)));
    }
    calls.finish();
}

criterion_group!(benches, boundary);
criterion_main!(benches);

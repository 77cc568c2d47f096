//! The cost to the host of reading a message: `cargo bench -p monty-host
//! --bench decoding`.

use std::hint::black_box;

use criterion::{Criterion, criterion_group, criterion_main};
use monty_host::Value;
use monty_host::value::Decoder;
use monty_host::value::graph::GraphCaps;
use monty_host::value::types::{Operand, Value as Message};

/// Levels of a chain that a script may build.
const DEPTH: u32 = 900;

fn rows() -> Message {
    let row = |id: i64| {
        Value::dict([
            ("id", Value::from(id)),
            ("name", Value::from(format!("product {id}"))),
            ("price", Value::from(9.5)),
            ("active", Value::from(id % 2 == 0)),
            ("tags", Value::list(["new", "sale"])),
        ])
    };
    let rows = Value::list((0..100).map(row));
    rows.to_message().expect("rows have a form")
}

/// Nested lists, the innermost with the lowest id.
fn chain() -> Message {
    let chain = (1..DEPTH).fold(Value::list([0; 0]), |inner, _| Value::list([inner]));
    chain.to_message().expect("a chain has a form")
}

fn decoder(message: &Message) -> Decoder<'_> {
    Decoder::new(message.graph.as_ref(), GraphCaps::DEFAULT).expect("it is valid")
}

fn decoding(criterion: &mut Criterion) {
    let rows = rows();
    criterion.bench_function("100 dict rows", |bencher| {
        bencher.iter(|| decoder(&rows).value(&rows.root));
    });
    let chain = chain();
    criterion.bench_function("a chain of 900 lists", |bencher| {
        bencher.iter(|| decoder(&chain).value(&chain.root));
    });
    // All operands of all iterations count together.
    let mut decoder = Decoder::new(chain.graph.as_ref(), GraphCaps::NONE).expect("it is valid");
    criterion.bench_function("each list of a chain of 900 as an operand", |bencher| {
        bencher.iter(|| {
            for id in 0..DEPTH {
                black_box(decoder.value(&Operand::Node(id)).expect("it is there"));
            }
        });
    });
}

criterion_group!(benches, decoding);
criterion_main!(benches);

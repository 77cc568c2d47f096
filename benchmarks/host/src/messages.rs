//! Messages read without an interpreter.

use std::hint::black_box;

use benchmark_runner::{Absent, Done, Row};
use monty_host::Value;
use monty_host::value::Decoder;
use monty_host::value::graph::GraphCaps;
use monty_host::value::types::{Operand, Value as Message};

use crate::Failure;

/// Levels of a chain that a script may build.
const DEPTH: u32 = 900;

/// A row of the given name.
pub fn decode(name: &str) -> Result<Row<'static>, Absent> {
    let message = match name {
        "rows" => rows()?,
        "chain" | "operands" => chain()?,
        _ => return Err(Absent::Row("there is no such message")),
    };
    if name == "operands" {
        return Ok(operands(message)?);
    }
    Ok(Box::new(move |iterations| {
        for _ in 0..iterations {
            let mut decoder = Decoder::new(message.graph.as_ref(), GraphCaps::DEFAULT)?;
            black_box(decoder.value(&message.root)?);
        }
        Ok(Done::default())
    }))
}

/// Each list of a chain as an operand of one message.
fn operands(chain: Message) -> Result<Row<'static>, Failure> {
    Ok(Box::new(move |iterations| {
        for _ in 0..iterations {
            // All operands of a message count together.
            let mut decoder = Decoder::new(chain.graph.as_ref(), GraphCaps::NONE)?;
            for id in 0..DEPTH {
                black_box(decoder.value(&Operand::Node(id))?);
            }
        }
        Ok(Done::default())
    }))
}

fn rows() -> Result<Message, Failure> {
    let row = |id: i64| {
        Value::dict([
            ("id", Value::from(id)),
            ("name", Value::from(format!("product {id}"))),
            ("price", Value::from(9.5)),
            ("active", Value::from(id % 2 == 0)),
            ("tags", Value::list(["new", "sale"])),
        ])
    };
    Ok(Value::list((0..100).map(row)).to_message()?)
}

/// Nested lists, the innermost with the lowest id.
fn chain() -> Result<Message, Failure> {
    let chain = (1..DEPTH).fold(Value::list([0; 0]), |inner, _| Value::list([inner]));
    Ok(chain.to_message()?)
}

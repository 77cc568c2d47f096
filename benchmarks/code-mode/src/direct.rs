//! The ground truth as direct calls.

use serde_json::json;

use crate::Failure;
use crate::bridge::{Bridge, Called};
use crate::plan::{Batch, Results};
use crate::task::{Task, UserTurn};
use crate::transcript::{Exchange, tokens};

/// Makes the calls of a task.
pub fn run(task: &Task, bridge: &Bridge) -> Result<Results, Failure> {
    bridge.side("direct")?;
    let turns = task.turns.iter().map(|turn| {
        let calls = turn.calls.iter();
        calls
            .map(|call| bridge.call(&call.name, &call.arguments))
            .collect()
    });
    turns.collect()
}

/// Each call by itself.
pub fn single(turn: &UserTurn, results: &[Called]) -> Vec<Exchange> {
    let places = 0..turn.calls.len();
    places
        .map(|place| exchange(turn, results, [place]))
        .collect()
}

/// The calls of a batch in parallel.
pub fn batched(turn: &UserTurn, results: &[Called], batches: &[Batch]) -> Vec<Exchange> {
    let batches = batches.iter();
    batches
        .map(|batch| exchange(turn, results, batch.iter().map(|call| call.place)))
        .collect()
}

fn exchange(
    turn: &UserTurn,
    results: &[Called],
    places: impl IntoIterator<Item = usize>,
) -> Exchange {
    let mut exchange = Exchange::default();
    for place in places {
        let call = &turn.calls[place];
        let written = json!({ "name": call.name, "arguments": call.arguments });
        exchange.output += tokens(&written.to_string());
        exchange.results += tokens(&results[place].text);
    }
    exchange
}

//! Which calls a model can write before it has read what others return.
//!
//! A call *needs* an earlier result if one of its values is in that and in nothing
//! that the model has read before.

use serde_json::Value as Json;

use crate::bridge::Called;
use crate::task::{GroundTruthCall, Task, UserTurn};

/// Calls that one script makes, or one model turn in parallel.
pub type Batch = Vec<PlannedCall>;

/// A call of a user's turn.
pub struct PlannedCall {
    /// Its place in the turn.
    pub place: usize,
    /// Arguments that a script takes from an earlier result of the same batch.
    pub chained: Vec<Chained>,
    /// Whether the model reads its result.
    pub is_shown: bool,
}

/// An argument in an earlier result.
pub struct Chained {
    pub parameter: String,
    /// The place of the call.
    pub from: usize,
    /// What follows its result, such as `['user_id']`.
    pub path: String,
}

/// What the calls of each turn of a task came to.
pub type Results = Vec<Vec<Called>>;

/// The batches of each turn. All results are shown.
pub fn cautious(task: &Task, results: &Results) -> Vec<Vec<Batch>> {
    all_batches(task, results, false)
}

/// The batches of each turn, where scripts chain. The last result of each is shown,
/// and those that a later one needs.
pub fn chaining(task: &Task, results: &Results) -> Vec<Vec<Batch>> {
    let mut turns = all_batches(task, results, true);
    let mut messages = Known::default();
    // The places of batches whose calls the model made before.
    let mut earlier: Vec<(usize, usize)> = Vec::new();
    for turn in 0..turns.len() {
        messages.read(&task.turns[turn].message);
        for batch in 0..turns[turn].len() {
            if let Some(last) = turns[turn][batch].last_mut() {
                last.is_shown = true;
            }
            for value in needed(&task.turns[turn], &turns[turn][batch]) {
                if !messages.has(&value) {
                    show(&mut turns, &earlier, results, &value);
                }
            }
            earlier.push((turn, batch));
        }
    }
    turns
}

/// The values that a script has literally.
fn needed(turn: &UserTurn, batch: &Batch) -> Vec<String> {
    let mut values = Vec::new();
    for planned in batch {
        for (parameter, argument) in &turn.calls[planned.place].arguments {
            let mut chained = planned.chained.iter();
            if !chained.any(|chained| chained.parameter == *parameter) {
                leaves(argument, &mut values);
            }
        }
    }
    values
}

/// Shows the latest result with a value, unless one that has it is shown.
fn show(turns: &mut [Vec<Batch>], earlier: &[(usize, usize)], results: &Results, value: &str) {
    let mut latest = None;
    for &(turn, batch) in earlier {
        for (index, call) in turns[turn][batch].iter().enumerate() {
            if has(&results[turn][call.place], value) {
                if call.is_shown {
                    return;
                }
                latest = Some((turn, batch, index));
            }
        }
    }
    if let Some((turn, batch, index)) = latest {
        turns[turn][batch][index].is_shown = true;
    }
}

fn all_batches(task: &Task, results: &Results, is_chaining: bool) -> Vec<Vec<Batch>> {
    let mut known = Known::default();
    let turns = task.turns.iter().zip(results);
    turns
        .map(|(turn, results)| {
            known.read(&turn.message);
            batches(turn, results, &mut known, is_chaining)
        })
        .collect()
}

/// The calls of a turn in their order, in as few batches as what they need allows.
/// All results become known.
fn batches(
    turn: &UserTurn,
    results: &[Called],
    known: &mut Known,
    is_chaining: bool,
) -> Vec<Batch> {
    let mut batches = Vec::new();
    let mut batch = Batch::new();
    for (place, call) in turn.calls.iter().enumerate() {
        let found = chained(call, &batch, results, known, is_chaining);
        if found.is_none() {
            end(&mut batch, &mut batches, results, known);
        }
        batch.push(PlannedCall {
            place,
            chained: found.unwrap_or_default(),
            is_shown: !is_chaining,
        });
    }
    end(&mut batch, &mut batches, results, known);
    batches
}

fn end(batch: &mut Batch, batches: &mut Vec<Batch>, results: &[Called], known: &mut Known) {
    for call in batch.iter() {
        known.read(&results[call.place].text);
    }
    if !batch.is_empty() {
        batches.push(std::mem::take(batch));
    }
}

/// The arguments that come from results of the batch. Nothing if the model has to
/// read one of those first.
fn chained(
    call: &GroundTruthCall,
    batch: &Batch,
    results: &[Called],
    known: &Known,
    is_chaining: bool,
) -> Option<Vec<Chained>> {
    let mut chained = Vec::new();
    for (parameter, argument) in &call.arguments {
        let mut values = Vec::new();
        leaves(argument, &mut values);
        let needs = |value: &String| {
            let mut earlier = batch.iter();
            !known.has(value) && earlier.any(|call| has(&results[call.place], value))
        };
        if !values.iter().any(needs) {
            continue;
        }
        let mut sources = batch.iter().filter(|_| is_chaining);
        let (from, path) = sources.find_map(|source| {
            let path = path_to(&results[source.place].value, argument)?;
            Some((source.place, path))
        })?;
        chained.push(Chained {
            parameter: parameter.clone(),
            from,
            path,
        });
    }
    Some(chained)
}

fn has(result: &Called, value: &str) -> bool {
    result.text.to_lowercase().contains(value)
}

/// What the model has read.
#[derive(Default)]
struct Known(String);

impl Known {
    fn read(&mut self, text: &str) {
        self.0.push('\n');
        self.0.push_str(&text.to_lowercase());
    }

    fn has(&self, value: &str) -> bool {
        self.0.contains(value)
    }
}

/// Texts and numbers, in lower case, that are long enough not to be the same by chance.
fn leaves(value: &Json, found: &mut Vec<String>) {
    const LEAST: usize = 3;
    let text = match value {
        Json::String(text) => text.to_lowercase(),
        Json::Number(number) => number.to_string(),
        Json::Array(values) => return values.iter().for_each(|value| leaves(value, found)),
        Json::Object(fields) => return fields.values().for_each(|value| leaves(value, found)),
        Json::Null | Json::Bool(_) => return,
    };
    if text.chars().count() >= LEAST {
        found.push(text);
    }
}

/// How a script reaches a value in a result whose form it knows and whose content it
/// does not: by names of fields, not by places in lists.
fn path_to(result: &Json, wanted: &Json) -> Option<String> {
    if result == wanted {
        return Some(String::new());
    }
    let fields = result.as_object()?;
    fields.iter().find_map(|(name, value)| {
        let is_name = name
            .chars()
            .all(|character| character.is_ascii_lowercase() || character == '_');
        let rest = path_to(value, wanted).filter(|_| is_name)?;
        Some(format!("['{name}']{rest}"))
    })
}

//! The ground truth as scripts.

use std::fmt::Write;

use monty_code_mode::{CodeMode, Conversation, Outcome};
use monty_host::Error;
use serde::Serialize;
use serde_json::{Value as Json, json};

use crate::Failure;
use crate::bridge::Bridge;
use crate::plan::{Batch, PlannedCall, Results};
use crate::task::{Task, UserTurn};
use crate::transcript::{Exchange, tokens};

/// How scripts went.
#[derive(Default)]
pub struct Replayed {
    /// The exchanges of each turn of the user.
    pub turns: Vec<Vec<Exchange>>,
    /// Results that were shown in part.
    pub cut: usize,
    /// Errors that direct calls do not have.
    pub problems: Vec<Problem>,
}

/// An error of a script that the direct call does not have.
#[derive(Serialize)]
pub struct Problem {
    task: String,
    script: String,
    error: Option<String>,
}

/// Runs the batches of a task, each as a script of one session.
pub async fn run(
    task: &Task,
    plan: &[Vec<Batch>],
    results: &Results,
    code_mode: &CodeMode,
    bridge: &Bridge,
    side: &str,
) -> Result<Replayed, Failure> {
    bridge.side(side)?;
    let mut conversation = code_mode.conversation().session();
    let mut replayed = Replayed::default();
    for (place, (turn, batches)) in task.turns.iter().zip(plan).enumerate() {
        let mut exchanges = Vec::new();
        for batch in batches {
            // A script ends at a call that fails. The model goes on with another.
            let mut rest = batch.as_slice();
            while !rest.is_empty() {
                let script = source(turn, batch, rest, code_mode)?;
                let (exchange, outcome) = exchange(&script, code_mode, &mut conversation).await;
                exchanges.push(exchange);
                replayed.cut += usize::from(outcome.text().contains("in your next script.]"));
                if !outcome.is_error() {
                    break;
                }
                let made = outcome.calls.len().max(1);
                let failed = rest.get(made - 1).ok_or("more calls than the script has")?;
                if results[place][failed.place].raised.is_none() {
                    replayed.problems.push(Problem {
                        task: task.id.clone(),
                        script,
                        error: outcome.error().map(Error::summary),
                    });
                }
                rest = &rest[made..];
            }
        }
        replayed.turns.push(exchanges);
    }
    Ok(replayed)
}

/// Runs a script, and counts it.
pub async fn exchange(
    script: &str,
    code_mode: &CodeMode,
    conversation: &mut Conversation,
) -> (Exchange, Outcome) {
    let arguments = json!({ "code": script });
    let call = json!({ "name": code_mode.definition().name, "arguments": arguments });
    let outcome = conversation.call(arguments).await;
    let exchange = Exchange {
        output: tokens(&call.to_string()),
        results: tokens(outcome.text()),
    };
    (exchange, outcome)
}

/// A script that makes the calls of the rest of a batch.
fn source(
    turn: &UserTurn,
    batch: &Batch,
    rest: &[PlannedCall],
    code_mode: &CodeMode,
) -> Result<String, Failure> {
    let mut source = String::new();
    for (index, planned) in rest.iter().enumerate() {
        let call = call(turn, planned, code_mode)?;
        let is_last = index + 1 == rest.len();
        let mut others = batch.iter().flat_map(|call| &call.chained);
        let is_used = others.any(|chained| chained.from == planned.place);
        let _ = match (is_used, planned.is_shown) {
            (true, true) => write!(source, "{0} = {call}\nprint({0})", name(planned.place)),
            (true, false) => write!(source, "{} = {call}", name(planned.place)),
            (false, true) if !is_last => write!(source, "print({call})"),
            (false, _) => write!(source, "{call}"),
        };
        if !is_last {
            source.push('\n');
        }
    }
    Ok(source)
}

/// The variable for a result.
fn name(place: usize) -> String {
    format!("r{}", place + 1)
}

fn call(turn: &UserTurn, planned: &PlannedCall, code_mode: &CodeMode) -> Result<String, Failure> {
    let call = &turn.calls[planned.place];
    let tool = code_mode.toolbox().find_original(None, &call.name);
    let tool = tool.ok_or_else(|| format!("there is no tool `{}`", call.name))?;
    let arguments = call.literals.iter().map(|(parameter, literal)| {
        let mut chained = planned.chained.iter();
        match chained.find(|chained| chained.parameter == *parameter) {
            Some(chained) => format!("{parameter}={}{}", name(chained.from), chained.path),
            None => format!("{parameter}={}", literal.as_str().unwrap_or_default()),
        }
    });
    let arguments = arguments.collect::<Vec<_>>().join(", ");
    Ok(format!("{}({arguments})", tool.get_name()))
}

/// The one tool of code mode, in the form of a request.
pub fn description(code_mode: &CodeMode) -> String {
    let definition = code_mode.session_definition();
    let tool = json!({
        "name": definition.name,
        "description": definition.description,
        "parameters": definition.input_schema,
    });
    Json::from_iter([tool]).to_string()
}

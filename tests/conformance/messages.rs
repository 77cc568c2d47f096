//! The messages, in the interpreter: as an input of a script and as the answer
//! of a tool, and back as the value of the script.

use monty_value::Value;
use monty_value::graph::GraphCaps;
use monty_value::types::{Answer, NamedOperand, Value as Message};
use serde_json::{Value as Json, json};
use wasmtime::{Result, ensure, format_err};

use super::bindings::exports::monty::sandbox::interpreter::{Failure, Inputs, Outcome};
use super::meaning::meaning_of;
use super::message::{Case, Outcome as Expected, cases};
use super::options::options;
use super::script::Step;
use super::{instance, report};

/// What the refusal says, for the rules that are the interpreter's.
const REASONS: [(&str, &str); 7] = [
    ("decimal-digits", "is not a decimal number"),
    ("unknown-type", "is not a type"),
    ("unknown-builtin-function", "is not a built-in function"),
    ("unknown-exception", "is not an exception type"),
    ("file-mode", "file mode"),
    ("from-python-only", "exists from Python only"),
    ("unhashable", "cannot be hashed"),
];

#[tokio::test]
async fn messages_as_inputs() {
    check(as_input).await;
}

#[tokio::test]
async fn messages_as_answers() {
    check(as_answer).await;
}

async fn check(mut send: impl AsyncFnMut(Message) -> Result<Received>) {
    let mut failures = Vec::new();
    let mut count = 0;
    for case in cases().into_iter().filter(is_for_the_interpreter) {
        count += 1;
        let name = &case.name;
        let checked = match (send(case.message).await, case.outcome) {
            (Ok(Received::Taken(got)), Expected::Means(meaning)) => {
                let expected = case.returns.unwrap_or(meaning);
                same(&got, &expected)
            }
            (Ok(Received::Taken(got)), Expected::Breaks(_)) => Err(format!("is taken, as {got}")),
            (Ok(Received::Refused(reason)), Expected::Breaks(rule)) => {
                let says = REASONS.iter().find(|(name, _)| *name == rule.name);
                match says {
                    Some((_, says)) if !reason.contains(says) => {
                        Err(format!("is refused for another rule: {reason}"))
                    }
                    None if rule.refused_by == "interpreter" => {
                        Err("nothing is known of its rule".to_owned())
                    }
                    _ => Ok(()),
                }
            }
            (Ok(Received::Refused(reason)), Expected::Means(_)) => {
                Err(format!("is refused: {reason}"))
            }
            (Err(error), _) => Err(format!("ends otherwise: {error:#}")),
        };
        if let Err(reason) = checked {
            failures.push(format!("{name}: {reason}"));
        }
    }
    report(count, &failures);
}

fn same(got: &Json, expected: &Json) -> Result<(), String> {
    if got == expected {
        Ok(())
    } else {
        Err(format!("comes back as {got}\n  and not {expected}"))
    }
}

fn is_for_the_interpreter(case: &Case) -> bool {
    case.receiver.as_deref() != Some("host")
        && !matches!(&case.outcome, Expected::Breaks(rule) if rule.refused_by == "host")
}

/// What the interpreter made of a message.
enum Received {
    /// This value.
    Taken(Json),
    /// Nothing, for this reason.
    Refused(String),
}

async fn as_input(message: Message) -> Result<Received> {
    let (mut store, sandbox) = instance().await?;
    let inputs = Inputs {
        values: vec![NamedOperand {
            name: "x".to_owned(),
            value: message.root,
        }],
        graph: message.graph,
    };
    let options = options(&Json::Null, Some(inputs));
    let interpreter = sandbox.monty_sandbox_interpreter();
    match interpreter.call_run(&mut store, "x", &options).await? {
        Ok(Outcome::Completed(message)) => taken(&message),
        Err(Failure::InvalidRequest(reason)) => Ok(Received::Refused(reason)),
        other => Err(format_err!("{other:?}")),
    }
}

async fn as_answer(message: Message) -> Result<Received> {
    let (mut store, sandbox) = instance().await?;
    let step = Step::Call {
        name: "f".to_owned(),
        receiver: None,
        arguments: json!({ "tuple": [{ "tuple": [] }, { "dict": [] }] }),
        awaited: false,
        at: None,
        label: None,
        answer: Some(Answer::Value(message)),
    };
    store.data_mut().player.begin("", vec![step]);
    let interpreter = sandbox.monty_sandbox_interpreter();
    let options = options(&Json::Null, None);
    let ended = interpreter.call_run(&mut store, "f()", &options).await?;
    store.data_mut().player.end()?;
    match ended {
        Ok(Outcome::Completed(message)) => taken(&message),
        Err(Failure::Raised(report)) => {
            let exception = report.exception;
            ensure!(exception.type_name == "ValueError", "raised {exception}");
            Ok(Received::Refused(exception.to_string()))
        }
        other => Err(format_err!("{other:?}")),
    }
}

fn taken(message: &Message) -> Result<Received> {
    let value = Value::from_message(message, GraphCaps::DEFAULT)?;
    Ok(Received::Taken(meaning_of(&value)))
}

//! The scripts, in the interpreter, on a host that is the data.

use monty_value::Encoder;
use monty_value::Value;
use monty_value::graph::GraphCaps;
use monty_value::types::{ExceptionReport, NamedOperand, SettledCall, Value as Message};
use serde_json::{Value as Json, json};
use wasmtime::component::ResourceAny;
use wasmtime::{Result, Store, ensure, format_err};

use super::bindings::Sandbox;
use super::bindings::exports::monty::sandbox::interpreter::{
    Failure, FunctionCall, Limit, Outcome,
};
use super::meaning::meaning_of;
use super::options::{feed_options, inputs, options};
use super::script::{Does, Script, Turn};
use super::state::State;
use super::{instance, report};

#[tokio::test]
async fn scripts_make_these_calls_and_end_like_this() {
    let scripts = Script::all();
    let count = scripts.len();
    let mut failures = Vec::new();
    for script in scripts {
        let name = script.name.clone();
        if let Err(error) = play(script).await {
            failures.push(format!("{name}: {error:#}"));
        }
    }
    report(count, &failures);
}

async fn play(mut script: Script) -> Result<()> {
    let (store, sandbox) = instance().await?;
    let mut run = Run {
        store,
        sandbox,
        session: None,
        snapshot: Vec::new(),
    };
    let turns = std::mem::take(&mut script.turns);
    if !matches!(
        turns.first(),
        Some(Turn {
            does: Does::Run,
            ..
        })
    ) {
        let options = options(&script.options, inputs(&script.inputs)?);
        let interpreter = run.sandbox.monty_sandbox_interpreter();
        let session = interpreter
            .session()
            .call_create(&mut run.store, &options)
            .await?;
        run.session = Some(session.map_err(|failure| format_err!("{failure:?}"))?);
    }
    let mut cells = script.cells().into_iter();
    for (index, turn) in turns.into_iter().enumerate() {
        let played = run.turn(&script, &mut cells, turn).await;
        played.map_err(|error| error.context(format!("turn {index}")))?;
    }
    ensure!(
        run.session.is_none() || cells.next().is_none(),
        "a cell is left that no turn feeds"
    );
    Ok(())
}

/// What the interpreter has of a script.
struct Run {
    store: Store<State>,
    sandbox: Sandbox,
    session: Option<ResourceAny>,
    snapshot: Vec<u8>,
}

impl Run {
    async fn turn(
        &mut self,
        script: &Script,
        cells: &mut impl Iterator<Item = String>,
        turn: Turn,
    ) -> Result<()> {
        let source = match turn.does {
            Does::Run => script.source.clone(),
            Does::Feed => cells
                .next()
                .ok_or_else(|| format_err!("there is no cell left"))?,
            _ => String::new(),
        };
        self.store.data_mut().player.begin(&source, turn.steps);
        let interpreter = self.sandbox.monty_sandbox_interpreter();
        let store = &mut self.store;
        let session = self.session;
        let in_session = || session.ok_or_else(|| format_err!("there is no session"));
        let ended = match turn.does {
            Does::Run => {
                let options = options(&script.options, inputs(&script.inputs)?);
                interpreter.call_run(store, &source, &options).await?
            }
            Does::Feed => {
                let session = in_session()?;
                let sessions = interpreter.session();
                sessions
                    .call_feed(store, session, &source, &feed_options())
                    .await?
            }
            Does::Call {
                name,
                positional,
                keyword,
                awaits,
            } => {
                let call = function_call(name, &positional, keyword, awaits)?;
                let session = in_session()?;
                let sessions = interpreter.session();
                sessions
                    .call_call(store, session, &call, &feed_options())
                    .await?
            }
            Does::Resume(answers) => {
                let answers: Vec<SettledCall> = answers
                    .into_iter()
                    .map(|(label, answer)| SettledCall {
                        id: store.data().player.id_of(&label),
                        answer,
                    })
                    .collect();
                match session {
                    Some(session) => {
                        interpreter
                            .session()
                            .call_resume(store, session, &answers)
                            .await?
                    }
                    None => {
                        interpreter
                            .call_resume(store, &self.snapshot, &answers)
                            .await?
                    }
                }
            }
            Does::Restore => return self.restore(in_session()?).await,
            Does::Abandon => {
                let session = in_session()?;
                interpreter.session().call_abandon(store, session).await?;
                return self.store.data_mut().player.end();
            }
        };
        self.store.data_mut().player.end()?;
        let expected = turn
            .ends
            .ok_or_else(|| format_err!("the data says no end"))?;
        let got = self.ending(ended, &expected).await?;
        ensure!(got == expected, "ends with {got}\n  and not {expected}");
        Ok(())
    }

    async fn restore(&mut self, session: ResourceAny) -> Result<()> {
        let sessions = self.sandbox.monty_sandbox_interpreter().session();
        let store = &mut self.store;
        let dump = sessions.call_dump(&mut *store, session).await?;
        let dump = dump.map_err(|failure| format_err!("{failure:?}"))?;
        session.resource_drop_async(&mut *store).await?;
        let restored = sessions.call_restore(&mut *store, &dump).await?;
        self.session = Some(restored.map_err(|failure| format_err!("{failure:?}"))?);
        self.store.data_mut().player.end()
    }

    /// How a turn ended, as the data says it.
    async fn ending(&mut self, ended: Result<Outcome, Failure>, expected: &Json) -> Result<Json> {
        Ok(match ended {
            Ok(Outcome::Completed(message)) => {
                json!({ "completed": meaning_of(&decode(&message)?) })
            }
            Ok(Outcome::Suspended(suspension)) => {
                let interpreter = self.sandbox.monty_sandbox_interpreter();
                let store = &mut self.store;
                let snapshot = &suspension.snapshot;
                let calls = interpreter
                    .call_suspended_calls(&mut *store, snapshot)
                    .await?;
                let calls = calls.map_err(|failure| format_err!("{failure:?}"))?;
                ensure!(
                    calls == suspension.calls,
                    "the snapshot waits for other calls: {calls:?}"
                );
                self.snapshot = suspension.snapshot;
                let labels = expected["suspended"].as_array().into_iter().flatten();
                let player = &self.store.data().player;
                let waiting = suspension.calls.iter().map(|call| {
                    let mut labels = labels.clone().filter_map(Json::as_str);
                    let label = labels.find(|label| player.id_of(label) == call.id);
                    label.map_or_else(|| format!("another call, of {}", call.name), str::to_owned)
                });
                json!({ "suspended": waiting.collect::<Vec<_>>() })
            }
            Err(Failure::Raised(report)) => {
                json!({ "raised": exception(&report, &expected["raised"]) })
            }
            Err(Failure::InvalidSource(report)) => {
                json!({ "invalid-source": exception(&report, &expected["invalid-source"]) })
            }
            Err(Failure::LimitExceeded(exceeded)) => json!({
                "limit-exceeded": match exceeded.limit {
                    Limit::Duration => "duration",
                    Limit::Memory => "memory",
                    Limit::Recursion => "recursion",
                }
            }),
            Err(failure) => json!(format!("{failure:?}")),
        })
    }
}

/// An exception, with its traceback if the data has one.
fn exception(report: &ExceptionReport, expected: &Json) -> Json {
    let mut exception = json!({
        "type-name": report.exception.type_name,
        "message": report.exception.message,
    });
    if expected.get("traceback").is_some() {
        exception["traceback"] = report.to_string().into();
    }
    exception
}

fn decode(message: &Message) -> Result<Value> {
    Ok(Value::from_message(message, GraphCaps::DEFAULT)?)
}

fn function_call(
    name: String,
    positional: &[Value],
    keyword: Vec<(String, Value)>,
    awaits: bool,
) -> Result<FunctionCall> {
    let mut encoder = Encoder::new(GraphCaps::DEFAULT);
    Ok(FunctionCall {
        name,
        positional: positional
            .iter()
            .map(|value| encoder.operand(value))
            .collect(),
        keyword: keyword
            .into_iter()
            .map(|(name, value)| NamedOperand {
                name,
                value: encoder.operand(&value),
            })
            .collect(),
        graph: encoder.finish()?,
        awaits,
    })
}

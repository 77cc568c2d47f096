//! The scripts through the library, as an embedder uses it: an `ExternalCall`,
//! a sink of prints, sessions, snapshots and answers.

use std::collections::{HashMap, HashSet, VecDeque};
use std::sync::{Arc, Mutex, MutexGuard};
use std::time::Duration;

use async_trait::async_trait;
use monty_host::os::System;
use monty_host::{
    Answers, Call, Error, ErrorKind, ExternalCall, Host, Limits, Options, Progress, Reply, Session,
    Snapshot, Stream, ToolError,
};
use monty_value::Value;
use monty_value::graph::GraphCaps;
use monty_value::types::{Answer, Exception, ObjectId, SourceRange};
use serde_json::{Value as Json, json};
use tokio::sync::oneshot;

use super::kit::meaning::{meaning_of, number, wide};
use super::kit::report;
use super::kit::script::{Does, Script, Step, Turn};
use crate::support;

/// Scripts whose answers the library has no words for, and why.
const UNSAID: [(&str, &str); 3] = [
    ("raised-without-message", "a `ToolError` has a message"),
    (
        "suspend-still",
        "a call is left out of `Answers` to go on waiting, unless it is the only one",
    ),
    (
        "print-raised",
        "a sink that fails ends the run as an error of the host",
    ),
];

#[tokio::test]
async fn scripts_make_these_calls_and_end_like_this() {
    let mut unsaid: HashSet<&str> = UNSAID.iter().map(|(name, _)| *name).collect();
    let scripts = Script::all().into_iter();
    let scripts: Vec<Script> = scripts
        .filter(|script| !unsaid.remove(script.name.as_str()))
        .collect();
    assert!(unsaid.is_empty(), "no such scripts: {unsaid:?}");
    // Compiled before a script's time begins.
    support::monty();
    let mut failures = Vec::new();
    let count = scripts.len();
    for script in scripts {
        let name = script.name.clone();
        if let Err(error) = support::in_time(play(script)).await {
            failures.push(format!("{name}: {error}"));
        }
    }
    report(count, &failures);
}

async fn play(mut script: Script) -> Result<(), String> {
    let host = Player::default();
    let mut cells = script.cells().into_iter();
    let turns = std::mem::take(&mut script.turns);
    let mut run = Run {
        session: None,
        snapshot: None,
        host,
    };
    if !matches!(
        turns.first(),
        Some(Turn {
            does: Does::Run,
            ..
        })
    ) {
        let session = support::monty()
            .session()
            .host(run.host.host())
            .limits(limits(&script.options));
        run.session = Some(session.open().await.map_err(text)?);
    }
    for (index, turn) in turns.into_iter().enumerate() {
        let played = run.turn(&script, &mut cells, turn).await;
        played.map_err(|error| format!("turn {index}: {error}"))?;
    }
    Ok(())
}

fn text(error: impl std::fmt::Display) -> String {
    error.to_string()
}

fn limits(options: &Json) -> Limits {
    let limit = |name: &str| options.get("limits").and_then(|limits| limits.get(name));
    let mut limits = Limits::default();
    if let Some(nanoseconds) = limit("max-duration") {
        limits = limits.with_duration(Duration::from_nanos(wide(nanoseconds)));
    }
    if let Some(bytes) = limit("max-memory") {
        limits = limits.with_memory_bytes(wide(bytes));
    }
    if let Some(depth) = limit("max-recursion-depth") {
        limits = limits.with_recursion_depth(number(depth));
    }
    limits
}

/// What an embedder holds of a script.
struct Run {
    session: Option<Session>,
    snapshot: Option<Snapshot>,
    host: Player,
}

impl Run {
    async fn turn(
        &mut self,
        script: &Script,
        cells: &mut impl Iterator<Item = String>,
        turn: Turn,
    ) -> Result<(), String> {
        let source = match turn.does {
            Does::Run => script.source.clone(),
            Does::Feed => cells.next().ok_or("there is no cell left")?,
            _ => String::new(),
        };
        self.host.begin(&source, turn.steps);
        let host = self.host.host();
        let progress = match (turn.does, &mut self.session) {
            (Does::Run, _) => {
                let line_buffered = script.options["line-buffered"].as_bool().unwrap_or(false);
                let mut run = support::script(&source)
                    .host(host.os(System::new()))
                    .limits(limits(&script.options))
                    .options(Options::new().line_buffered(line_buffered));
                for (name, value) in &script.inputs {
                    run = run.input(name, value).map_err(text)?;
                }
                run.start().await
            }
            (Does::Resume(answers), None) => {
                let snapshot = self.snapshot.take().ok_or("nothing is suspended")?;
                let answers = self.host.answers(answers)?;
                let resume = support::monty().resume(&snapshot, answers);
                resume.host(host).start().await
            }
            (Does::Feed, Some(session)) => session.feed(source).start().await,
            (
                Does::Call {
                    name,
                    positional,
                    keyword,
                    awaits,
                },
                Some(session),
            ) => {
                let mut call = session.call(name);
                for value in positional {
                    call = call.argument(value).map_err(text)?;
                }
                for (name, value) in keyword {
                    call = call.keyword(&name, value).map_err(text)?;
                }
                if awaits { call.awaits() } else { call }.start().await
            }
            (Does::Resume(answers), Some(session)) => {
                session.resume(self.host.answers(answers)?).start().await
            }
            (Does::Restore, Some(session)) => {
                let dump = session.dump().await.map_err(text)?;
                let restored = support::monty().session().host(host);
                self.session = Some(restored.restore(&dump).await.map_err(text)?);
                return self.host.end().await;
            }
            (Does::Abandon, Some(session)) => {
                session.abandon().await.map_err(text)?;
                return self.host.end().await;
            }
            (_, None) => return Err("there is no session".to_owned()),
        };
        self.host.end().await?;
        let expected = turn.ends.ok_or("the data says no end")?;
        let got = self.ending(progress, &expected);
        if got == expected {
            Ok(())
        } else {
            Err(format!("ends with {got}\n  and not {expected}"))
        }
    }

    /// How a turn ended, as the data says it.
    fn ending(&mut self, progress: Result<Progress, Error>, expected: &Json) -> Json {
        match progress {
            Ok(Progress::Finished(report)) => json!({ "completed": meaning_of(&report.value) }),
            Ok(Progress::Suspended(suspension)) => {
                let calls = suspension.calls.iter();
                let labels: Vec<String> = calls.map(|call| self.host.label_of(call.id)).collect();
                self.snapshot = Some(suspension.snapshot);
                json!({ "suspended": labels })
            }
            Err(error) => {
                let kind = match error.kind() {
                    ErrorKind::Script => "raised",
                    ErrorKind::Source => "invalid-source",
                    ErrorKind::Limit => {
                        return json!({ "limit-exceeded": error.limit().map(|limit| limit.name()) });
                    }
                    _ => return json!(error.to_string()),
                };
                let mut exception = match error.exception() {
                    Some(exception) => json!({
                        "type-name": exception.type_name,
                        "message": exception.message,
                    }),
                    None => Json::Null,
                };
                if expected[kind].get("traceback").is_some() {
                    let report = error.exception_report().map(ToString::to_string);
                    exception["traceback"] = report.into();
                }
                json!({ kind: exception })
            }
        }
    }
}

/// A host that answers as the data says.
#[derive(Clone, Default)]
struct Player(Arc<Mutex<State>>);

#[derive(Default)]
struct State {
    steps: VecDeque<Step>,
    source: String,
    /// What is printed and not a whole step yet.
    printed: Option<(bool, String)>,
    /// Labels and ids of calls.
    calls: Vec<(String, u32)>,
    /// Pending calls without an answer.
    pending: HashMap<String, oneshot::Sender<monty_host::Answer>>,
    failure: Option<String>,
}

impl Player {
    /// What the script reaches.
    fn host(&self) -> Host {
        let external = Arc::new(self.clone());
        Host::new().external_call(external).print(self.sink())
    }

    fn state(&self) -> MutexGuard<'_, State> {
        self.0.lock().expect("no panic")
    }

    fn begin(&self, source: &str, steps: Vec<Step>) {
        let mut state = self.state();
        source.clone_into(&mut state.source);
        state.steps = steps.into();
    }

    async fn end(&self) -> Result<(), String> {
        let pending = {
            let mut state = self.state();
            if let Some(failure) = state.failure.take() {
                return Err(failure);
            }
            if let Some(printed) = state.printed.take() {
                return Err(format!("printed {printed:?}"));
            }
            if let Some(step) = state.steps.front() {
                return Err(format!("did not come to {step:?}"));
            }
            std::mem::take(&mut state.pending)
        };
        // A call that nobody waits for is dropped with its snippet.
        for (label, mut answer) in pending {
            let dropped = tokio::time::timeout(Duration::from_secs(30), answer.closed());
            dropped
                .await
                .map_err(|_| format!("the turn is over, and {label} is still waited for"))?;
        }
        Ok(())
    }

    fn label_of(&self, id: u32) -> String {
        let state = self.state();
        let call = state.calls.iter().find(|(_, known)| *known == id);
        call.map_or_else(|| "another call".to_owned(), |(label, _)| label.clone())
    }

    fn answers(&self, answers: Vec<(String, Answer)>) -> Result<Answers, String> {
        let state = self.state();
        let mut given = Answers::new();
        for (label, answer) in answers {
            let call = state.calls.iter().find(|(known, _)| *known == label);
            let (_, id) = *call
                .as_ref()
                .ok_or_else(|| format!("no call has the label {label}"))?;
            given = match in_rust(answer) {
                Ok(Some(value)) => given.value(*id, value).map_err(text)?,
                Ok(None) => given.not_found(*id),
                Err(error) => given.raise(*id, error),
            };
        }
        Ok(given)
    }

    fn sink(&self) -> impl FnMut(Stream, &str) + Send + 'static {
        let host = self.clone();
        move |stream, text| host.state().write(stream == Stream::Stderr, text)
    }
}

/// An answer as a tool gives it.
fn in_rust(answer: Answer) -> monty_host::Answer {
    match answer {
        Answer::Value(message) => {
            let value = Value::from_message(&message, GraphCaps::DEFAULT);
            Ok(Some(value.expect("a message of this encoder")))
        }
        Answer::NotFound => Ok(None),
        Answer::Suspend => Err(ToolError::suspend()),
        Answer::Raised(exception) => Err(raised(exception)),
    }
}

fn raised(exception: Exception) -> ToolError {
    ToolError::new(exception.type_name, exception.message.unwrap_or_default())
}

impl State {
    fn write(&mut self, to_error: bool, text: &str) {
        let printed = match self.printed.take() {
            Some((before, printed)) if before == to_error => printed + text,
            Some(other) => return self.fail(format!("printed {other:?}, and then elsewhere")),
            None => text.to_owned(),
        };
        match self.steps.front() {
            Some(Step::Print { error, text, .. }) if *error == to_error && *text == printed => {
                self.steps.pop_front();
                self.go_on();
            }
            Some(Step::Print { error, text, .. })
                if *error == to_error && text.starts_with(&printed) =>
            {
                self.printed = Some((to_error, printed));
            }
            other => {
                let failure = format!("printed {printed:?}, and expected {other:?}");
                self.fail(failure);
            }
        }
    }

    fn fail(&mut self, failure: String) {
        self.failure.get_or_insert(failure);
    }

    /// Gives the answers that the next step settles: the library takes them
    /// whenever it waits.
    fn go_on(&mut self) {
        while let Some(Step::Settle { .. }) = self.steps.front() {
            let Some(Step::Settle { answers, .. }) = self.steps.pop_front() else {
                return;
            };
            for (label, answer) in answers {
                match self.pending.remove(&label) {
                    // Nobody hears of it once the script is over.
                    Some(sender) => drop(sender.send(in_rust(answer))),
                    None => self.fail(format!("{label} is not pending")),
                }
            }
        }
    }

    fn answer(&mut self, call: &Call) -> Result<Reply, String> {
        let asked = format!("called {}", call.name);
        let step = self.steps.pop_front();
        let Some(Step::Call {
            name,
            receiver,
            arguments,
            awaited,
            at,
            label,
            answer,
        }) = step
        else {
            return Err(format!("{asked}, and expected {step:?}"));
        };
        let keyword = call.keyword.iter();
        let keyword = keyword.map(|(name, value)| (Value::from(name.as_str()), value.clone()));
        let got = meaning_of(&Value::tuple([
            Value::tuple(call.positional.iter().cloned()),
            Value::dict(keyword),
        ]));
        if (&name, receiver, awaited) != (&call.name, call.receiver, call.awaited) {
            return Err(format!(
                "{asked} of {:?}, awaited: {}, and expected {name}",
                call.receiver, call.awaited
            ));
        }
        if got != arguments {
            return Err(format!("{asked} with {got}\n  and not {arguments}"));
        }
        let SourceRange { start, end, .. } = call.position;
        let text = self.source.get(start as usize..end as usize);
        if at.is_some() && at.as_deref() != text {
            return Err(format!("{asked} at {text:?}"));
        }
        let label = label.unwrap_or_default();
        self.calls.push((label.clone(), call.id));
        let reply = match answer {
            Some(answer) => Reply::now(in_rust(answer)),
            None => {
                let (sender, receiver) = oneshot::channel();
                self.pending.insert(label, sender);
                Reply::awaitable(async {
                    receiver
                        .await
                        .map_err(|_| ToolError::runtime_error("nobody answers"))?
                })
            }
        };
        self.go_on();
        Ok(reply)
    }

    fn get(&mut self, asked: &str, of: Option<ObjectId>) -> Result<Option<Value>, Exception> {
        let step = self.steps.pop_front();
        match step {
            Some(Step::Get {
                name,
                receiver,
                answer,
            }) if (name.as_str(), receiver) == (asked, of) => {
                self.go_on();
                answer
            }
            other => {
                self.fail(format!(
                    "asked for {asked} of {of:?}, and expected {other:?}"
                ));
                Ok(None)
            }
        }
    }
}

#[async_trait]
impl ExternalCall for Player {
    fn call(&self, call: Call) -> Reply {
        let mut state = self.state();
        state.answer(&call).unwrap_or_else(|failure| {
            state.fail(failure);
            Reply::now(Err(ToolError::runtime_error("the call is not expected")))
        })
    }

    async fn get_name(&self, name: &str, _position: &SourceRange) -> monty_host::Answer {
        self.state().get(name, None).map_err(raised)
    }

    async fn get_attribute(
        &self,
        receiver: ObjectId,
        name: &str,
        _position: &SourceRange,
    ) -> monty_host::Answer {
        self.state().get(name, Some(receiver)).map_err(raised)
    }
}

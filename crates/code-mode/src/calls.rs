//! The calls of a script on their way to the tools: counted, allowed or not,
//! recorded, and with secrets put in and taken out.

use std::sync::atomic::{AtomicBool, Ordering};
use std::sync::{Arc, Mutex, MutexGuard, PoisonError};
use std::time::Instant;

use monty_host::check::Declarations;
use monty_host::{
    Answer, Call, CallOutcome, ExternalCall, Reply, SourceRange, ToolError, Type, Value,
    async_trait,
};

use crate::attachments::Attachments;
use crate::call_log::{CallEnd, CallLog, CallRecord, error_in_short, shortened};
use crate::kept::KeptValues;
use crate::middleware::Next;
use crate::pending;
use crate::policy::Verdict;
use crate::schema::{Attachment, ToolResult};
use crate::secrets::{self, Hiding};
use crate::table::{Entry, Table};
use crate::toolbox::{AgentTool, ToolKind};

/// The function that shows attachments to the model.
pub(crate) const SHOW: &str = "show";

/// Answers the calls of one script after another.
pub(crate) struct Calls {
    current: Mutex<Current>,
    kept: Arc<KeptValues>,
}

/// The script that runs, and what it may call.
#[derive(Clone)]
struct Current {
    table: Arc<Table>,
    run: Arc<Run>,
}

/// Told of each call that begins: the tool, and how many the script has made.
pub(crate) type OnCall = Arc<dyn Fn(&str, u64) + Send + Sync>;

/// What is known of the script that runs.
pub(crate) struct Run {
    state: Mutex<State>,
    on_call: Option<OnCall>,
}

#[derive(Default)]
struct State {
    lines: LineStarts,
    log: CallLog,
    /// How many calls wait.
    waiting: usize,
    attachments: Attachments,
}

/// Where the lines of a source begin.
#[derive(Default)]
struct LineStarts {
    starts: Vec<u32>,
    length: u32,
}

impl LineStarts {
    fn of(source: &str) -> Self {
        let breaks = source
            .bytes()
            .zip(1_u32..)
            .filter(|(byte, _)| *byte == b'\n');
        Self {
            starts: breaks.map(|(_, next)| next).collect(),
            length: u32::try_from(source.len()).unwrap_or(u32::MAX),
        }
    }

    /// The line of a byte, from 1.
    fn line(&self, position: u32) -> Option<u32> {
        (position < self.length).then(|| {
            let before = self.starts.partition_point(|start| *start <= position);
            u32::try_from(before + 1).unwrap_or(u32::MAX)
        })
    }
}

impl Run {
    pub(crate) fn new(source: &str, log: CallLog, on_call: Option<OnCall>) -> Arc<Self> {
        Arc::new(Self {
            on_call,
            state: Mutex::new(State {
                lines: LineStarts::of(source),
                log,
                waiting: 0,
                attachments: Attachments::default(),
            }),
        })
    }

    /// For calls that no script makes, or none yet.
    pub(crate) fn without_script() -> Arc<Self> {
        Self::new("", CallLog::default(), None)
    }

    fn state(&self) -> MutexGuard<'_, State> {
        // Each change is a single step.
        self.state.lock().unwrap_or_else(PoisonError::into_inner)
    }

    /// What was called, once the script is over. Calls that end later are
    /// cancelled.
    pub(crate) fn close(&self) -> CallLog {
        let mut log = std::mem::take(&mut self.state().log);
        log.close();
        log
    }

    /// What is shown to the model besides text: what the script asked for, and
    /// what its value holds.
    pub(crate) fn shown(&self, value: Option<&Value>) -> Vec<Attachment> {
        self.state().attachments.take_shown(value)
    }

    /// Goes on with another part of the script.
    pub(crate) fn go_on(&self, source: &str) {
        self.state().lines = LineStarts::of(source);
    }

    /// Records what was decided on a call that waited, and is not made.
    pub(crate) fn decided(&self, id: u32, outcome: CallEnd) {
        let mut state = self.state();
        let place = state.log.waiting(id);
        state.log.end(place, std::time::Duration::ZERO, outcome);
    }

    /// The line of a call.
    pub(crate) fn line(&self, call: &Call) -> Option<u32> {
        self.state().lines.line(call.position.start)
    }
}

impl Calls {
    pub(crate) fn new(table: &Arc<Table>, run: &Arc<Run>, kept: Arc<KeptValues>) -> Arc<Self> {
        let (table, run) = (Arc::clone(table), Arc::clone(run));
        Arc::new(Self {
            current: Mutex::new(Current { table, run }),
            kept,
        })
    }

    /// Begins with another script, whose tools may be others.
    pub(crate) fn begin(&self, table: &Arc<Table>, run: &Arc<Run>) {
        let (table, run) = (Arc::clone(table), Arc::clone(run));
        *self.state() = Current { table, run };
    }

    fn current(&self) -> Current {
        self.state().clone()
    }

    fn state(&self) -> MutexGuard<'_, Current> {
        self.current.lock().unwrap_or_else(PoisonError::into_inner)
    }
}

/// Why a call is not made.
enum Refusal {
    Denied(ToolError),
    Asked,
}

#[async_trait]
impl ExternalCall for Calls {
    fn call(&self, mut call: Call) -> Reply {
        let Current { table, run } = self.current();
        let entry = match call.receiver {
            None => table.entry(&call.name),
            Some(_) => None,
        };
        let Some(entry) = entry else {
            if call.name == SHOW && call.receiver.is_none() && table.has_attachments {
                return Reply::now(run.show(&call));
            }
            // The value of the name is asked for next.
            return Reply::now(Ok(None));
        };
        let watch = Watch::begin(&run, entry, &call);
        match admit(&table, entry, &run, &mut call) {
            Ok(holds_secret) => make(&table, entry, &run, call, holds_secret, watch),
            Err(Refusal::Denied(error)) => {
                watch.end(CallEnd::Refused(error_in_short(&error)));
                Reply::now(Err(error))
            }
            Err(Refusal::Asked) => {
                watch.end(CallEnd::Waiting);
                // Those beside it in a `gather` go on.
                match entry.tool.is_awaited() {
                    true => Reply::awaitable(async { Err(ToolError::suspend()) }),
                    false => Reply::now(Err(ToolError::suspend())),
                }
            }
        }
    }

    fn declarations(&self) -> Declarations {
        let names = self.kept.all().into_iter();
        names.fold(
            self.current().table.declarations.clone(),
            |all, (name, _)| all.with_name(&name, &Type::Any),
        )
    }

    async fn get_name(&self, name: &str, _position: &SourceRange) -> Answer {
        let Current { table, .. } = self.current();
        match table.value(name).or_else(|| self.kept.get(name)) {
            Some(value) => Ok(Some(value)),
            None => table.missing_name(name),
        }
    }
}

/// The most calls that wait at once: more than anybody decides on.
const MOST_WAITING: usize = 100;

/// Whether a call may be made. Puts the values of secrets in, and tells whether
/// there are any.
fn admit(table: &Table, entry: &Entry, run: &Run, call: &mut Call) -> Result<bool, Refusal> {
    let name = entry.tool.get_name();
    check_budget(entry, || run.state().log.count(name)).map_err(Refusal::Denied)?;
    let needs_approval = is_asked_for(entry, call).map_err(Refusal::Denied)?;
    if needs_approval && table.can_ask {
        // What nobody could be shown is for the script to mend.
        pending::pending(table, call, None).map_err(|error| {
            Refusal::Denied(ToolError::value_error(format_args!(
                "{name}() needs approval, and these arguments cannot be shown for it: {error}"
            )))
        })?;
        let mut state = run.state();
        if state.waiting >= MOST_WAITING {
            return Err(Refusal::Denied(ToolError::permission_error(format_args!(
                "{name}() needs approval, and {MOST_WAITING} calls wait already: await those first"
            ))));
        }
        state.waiting += 1;
        return Err(Refusal::Asked);
    }
    if needs_approval {
        return Err(Refusal::Denied(ToolError::permission_error(format_args!(
            "{name}() needs approval, and nobody can be asked here"
        ))));
    }
    secrets::put_in(&table.secrets, entry.tool.get_signature(), call).map_err(Refusal::Denied)
}

/// The same for a call that was approved, perhaps with other arguments or under
/// another policy than it has now. It was counted when it was made.
fn admit_later(
    table: &Table,
    entry: &Entry,
    run: &Run,
    call: &mut Call,
) -> Result<bool, ToolError> {
    check_budget(entry, || run.state().log.counted(entry.tool.get_name()))?;
    is_asked_for(entry, call)?;
    secrets::put_in(&table.secrets, entry.tool.get_signature(), call)
}

/// Counts the calls of a tool, if they are limited.
fn check_budget(entry: &Entry, count: impl FnOnce() -> u64) -> Result<(), ToolError> {
    match entry.rule.get_calls() {
        Some(most) if count() > most => Err(ToolError::permission_error(format_args!(
            "{}() may be called {most} times in a script",
            entry.tool.get_name()
        ))),
        _ => Ok(()),
    }
}

/// Whether somebody has to approve of a call.
///
/// # Errors
///
/// If it is denied, or a rule looks at its arguments and they do not fit.
fn is_asked_for(entry: &Entry, call: &Call) -> Result<bool, ToolError> {
    let signature = entry.tool.get_signature();
    let verdict = match entry.rule.looks_at_arguments() {
        true => entry.rule.verdict_on(&signature.bind(call.clone())?),
        false => entry.rule.fixed_verdict(),
    };
    match verdict {
        Verdict::Allow => Ok(false),
        Verdict::Ask => Ok(true),
        Verdict::Deny(reason) => Err(ToolError::permission_error(format_args!(
            "{}() is not allowed: {reason}",
            entry.tool.get_name()
        ))),
    }
}

/// Makes a call that is allowed.
fn make(
    table: &Arc<Table>,
    entry: &Entry,
    run: &Arc<Run>,
    call: Call,
    holds_secret: bool,
    watch: Watch,
) -> Reply {
    let name = entry.tool.get_name();
    // A tool of the host says it in its error.
    let is_misfit = matches!(entry.tool.kind(), ToolKind::Schema(_)).then(Arc::default);
    let way = || Way {
        tool: Arc::clone(&entry.tool),
        run: Arc::clone(run),
        hiding: table.hiding.clone(),
        holds_secret,
        is_misfit: is_misfit.clone(),
    };
    let mut reply = match (table.middleware.is_empty(), entry.tool.kind()) {
        // Nothing stands in its way.
        (true, ToolKind::Host(tool)) if !holds_secret => tool.call(call),
        (true, _) => way().hand_over(call),
        (false, _) => {
            let way = way();
            let next = Next::new(Arc::clone(&table.middleware), move |call| {
                way.hand_over(call)
            });
            let answer = async move { next.call(call).await };
            reply_of(entry.tool.is_awaited(), answer).guarded(name)
        }
    };
    if let Some(timeout) = entry.rule.get_timeout() {
        reply = reply.within(name, timeout);
    }
    let hiding = table.hiding.clone();
    if !hiding.is_empty() {
        let hiding = hiding.clone();
        reply = reply.map(move |answer| hiding.answer(answer));
    }
    let most = entry.rule.get_result_bytes();
    reply.checked(move |outcome| {
        let checked = match (&outcome, most) {
            (CallOutcome::Returned { bytes }, Some(most)) if *bytes > most => {
                Err(ToolError::value_error(format_args!(
                    "the result has {bytes} bytes, and may have {most}: ask for less"
                )))
            }
            _ => Ok(()),
        };
        watch.end(match (&checked, outcome) {
            (Ok(()), CallOutcome::Raised(error))
                if error.is_misfit() || is_misfit.as_ref().is_some_and(is_set) =>
            {
                CallEnd::Refused(error_in_short(error))
            }
            // What ends the run has its message as it is.
            (Ok(()), CallOutcome::Raised(error)) if error.is_fatal() => {
                let message = hiding.text(error.message());
                let message = message.as_deref().unwrap_or(error.message());
                CallEnd::Raised(error_in_short(&ToolError::runtime_error(message)))
            }
            (Err(error), _) | (Ok(()), CallOutcome::Raised(error)) => {
                CallEnd::Raised(error_in_short(error))
            }
            _ => CallEnd::Returned,
        });
        checked
    })
}

/// A reply that the script awaits, or waits for.
fn reply_of(is_awaited: bool, answer: impl Future<Output = Answer> + Send + 'static) -> Reply {
    match is_awaited {
        true => Reply::awaitable(answer),
        false => Reply::later(answer),
    }
}

/// The last part of the way of a call.
struct Way {
    tool: Arc<AgentTool>,
    run: Arc<Run>,
    hiding: Hiding,
    /// Whether the values of secrets are in the arguments.
    holds_secret: bool,
    /// Whether a schema did not take the arguments, so that nothing was called.
    is_misfit: Option<Arc<AtomicBool>>,
}

fn is_set(flag: &Arc<AtomicBool>) -> bool {
    flag.load(Ordering::Relaxed)
}

impl Way {
    /// The reply of the tool to a call that nothing stands in the way of.
    fn hand_over(&self, call: Call) -> Reply {
        let name = self.tool.get_name();
        let schema_tool = match self.tool.kind() {
            ToolKind::Host(tool) if self.holds_secret => {
                let (tool, called) = (tool.clone(), name.to_owned());
                let answer = async move {
                    match tool.call(call).answer(&called).await {
                        Err(error) if error.is_misfit() => Err(secrets::withheld(&called)),
                        answer => answer,
                    }
                };
                let answer = self.hiding.clone().over(answer);
                return reply_of(self.tool.is_awaited(), answer).guarded(name);
            }
            ToolKind::Host(tool) => return tool.call(call),
            ToolKind::Schema(tool) => tool.clone(),
        };
        let bound = self.tool.get_signature().bind(call);
        let arguments = bound.and_then(|bound| schema_tool.arguments(&bound));
        if let Some(is_misfit) = &self.is_misfit {
            is_misfit.store(arguments.is_err(), Ordering::Relaxed);
        }
        let arguments = match arguments {
            Ok(arguments) => arguments,
            Err(_) if self.holds_secret => return Reply::now(Err(secrets::withheld(name))),
            Err(error) => return Reply::now(Err(error)),
        };
        let timeout = schema_tool.get_timeout();
        let is_awaited = schema_tool.is_awaited();
        let (run, hiding) = (Arc::clone(&self.run), self.hiding.clone());
        let called = name.to_owned();
        let answer = async move {
            let mut result = hiding.clone().over(schema_tool.run(arguments)).await?;
            hiding.result(&mut result);
            schema_tool.check_result(&called, &result.value)?;
            Ok(Some(run.received(result)))
        };
        let reply = reply_of(is_awaited, answer).guarded(name);
        match timeout {
            Some(timeout) => reply.within(name, timeout),
            None => reply,
        }
    }
}

/// Makes a call that was approved after the script was suspended in it.
pub(crate) async fn make_later(
    table: &Arc<Table>,
    run: &Arc<Run>,
    id: u32,
    mut call: Call,
) -> Answer {
    let Some(entry) = table.entry(&call.name) else {
        return Err(ToolError::runtime_error(format_args!(
            "{}() was approved, but is not there any more",
            call.name
        )));
    };
    let watch = Watch::go_on(run, id, &call);
    let holds_secret = match admit_later(table, entry, run, &mut call) {
        Ok(holds_secret) => holds_secret,
        Err(error) => {
            watch.end(CallEnd::Refused(error_in_short(&error)));
            return Err(error);
        }
    };
    let name = call.name.clone();
    let reply = make(table, entry, run, call, holds_secret, watch);
    reply.answer(&name).await
}

/// Makes a call without a script.
pub(crate) async fn call_directly(
    table: &Arc<Table>,
    name: &str,
    arguments: serde_json::Value,
) -> Result<Value, ToolError> {
    let mut call = pending::call(table, name, arguments)?;
    let Some(entry) = table.entry(name) else {
        return Err(ToolError::runtime_error(format_args!(
            "there is no tool `{name}`"
        )));
    };
    let run = Run::without_script();
    let watch = Watch::begin(&run, entry, &call);
    let holds_secret = match admit(table, entry, &run, &mut call) {
        Ok(holds_secret) => holds_secret,
        Err(Refusal::Denied(error)) => return Err(error),
        Err(Refusal::Asked) => {
            return Err(ToolError::permission_error(format_args!(
                "{name}() needs approval: call it in a script, which can wait"
            )));
        }
    };
    let reply = make(table, entry, &run, call, holds_secret, watch);
    let answer = reply.answer(name).await?;
    Ok(answer.unwrap_or(Value::None))
}

/// The record of a call under way. One that is dropped was cancelled.
struct Watch {
    run: Arc<Run>,
    place: Option<usize>,
    started: Instant,
    has_ended: bool,
}

impl Watch {
    fn begin(run: &Arc<Run>, entry: &Entry, call: &Call) -> Self {
        let mut record = CallRecord {
            id: call.id,
            name: call.name.clone(),
            arguments: shortened(call),
            line: None,
            duration: std::time::Duration::ZERO,
            outcome: CallEnd::Unfinished,
            read_only: entry.tool.get_annotations().read_only == Some(true),
        };
        let mut state = run.state();
        record.line = state.lines.line(call.position.start);
        let place = state.log.begin(record);
        let made = state.log.made();
        drop(state);
        if let Some(on_call) = &run.on_call {
            on_call(&call.name, made);
        }
        Self {
            place,
            run: Arc::clone(run),
            started: Instant::now(),
            has_ended: false,
        }
    }

    /// The same for a call that waited.
    fn go_on(run: &Arc<Run>, id: u32, call: &Call) -> Self {
        let mut state = run.state();
        let place = state.log.waiting(id);
        if let Some(record) = place.and_then(|place| state.log.records.get_mut(place)) {
            record.arguments = shortened(call);
            record.outcome = CallEnd::Unfinished;
        }
        drop(state);
        Self {
            run: Arc::clone(run),
            place,
            started: Instant::now(),
            has_ended: false,
        }
    }

    fn end(mut self, outcome: CallEnd) {
        self.record(outcome);
    }

    fn record(&mut self, outcome: CallEnd) {
        self.has_ended = true;
        let duration = self.started.elapsed();
        self.run.state().log.end(self.place, duration, outcome);
    }
}

impl Drop for Watch {
    fn drop(&mut self) {
        if !self.has_ended {
            self.record(CallEnd::Cancelled);
        }
    }
}

impl Run {
    /// The value that a script gets for a result. What the result holds besides
    /// is kept for the model, and the script gets a value that stands for it.
    fn received(&self, result: ToolResult) -> Value {
        let ToolResult {
            value, attachments, ..
        } = result;
        let value = Value::from_json(value);
        if attachments.is_empty() {
            return value;
        }
        let mut state = self.state();
        let attach = |attachment| state.attachments.add(attachment);
        let mut handles: Vec<Value> = attachments.into_iter().map(attach).collect();
        match (value, handles.len()) {
            (Value::None, 1) => handles.remove(0),
            (Value::None, _) => Value::list(handles),
            (value, _) => {
                let fields = [("value", value), ("attachments", Value::list(handles))];
                Value::named_tuple("ToolResult", fields)
            }
        }
    }

    /// Shows attachments to the model with the result.
    fn show(&self, call: &Call) -> Answer {
        let mut state = self.state();
        for handle in &call.positional {
            state.attachments.show(handle)?;
        }
        Ok(Some(Value::None))
    }
}

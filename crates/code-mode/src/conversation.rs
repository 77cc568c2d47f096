//! The scripts of one conversation, one after another.

use std::fmt;
use std::future::{Future, poll_fn};
use std::pin::Pin;
use std::sync::Arc;
use std::task::Poll;
use std::time::SystemTime;

use monty_host::{
    Answer, Answers, Call, Error, Host, InterruptHandle, Progress, Report, Session, Snapshot,
    SnapshotKey, SnapshotKind, Statistics, Suspension, ToolError, Value,
};
use serde_json::Value as Json;

use crate::approvals::store::Version;
use crate::approvals::{Approvals, Decision, Decisions, PendingCall, Principal};
use crate::call_log::{CallEnd, CallLog, reason_in_short};
use crate::calls::{Calls, OnCall, Run, make_later};
use crate::code_mode::CodeMode;
use crate::engine::Engine;
use crate::kept::KeptValues;
use crate::outcome::{self, Outcome, Status, Telling, Told, Waiting};
use crate::pending;
use crate::resume_error::ResumeError;
use crate::review::Review;
use crate::statement;
use crate::suspended::Suspended;
use crate::table::Table;

/// The scripts of one conversation. What was cut from a result is there in full
/// for the next script, as `result_1` or `output_1`; the eight latest are kept.
///
/// By default, each script starts in a fresh interpreter. In a
/// [`session`](Self::session), they share their names.
///
/// ```
/// # use monty_code_mode::{CodeMode, Toolbox};
/// # use monty_host::Monty;
/// # use serde_json::json;
/// # #[tokio::main(flavor = "current_thread")]
/// # async fn main() -> Result<(), Box<dyn std::error::Error>> {
/// # let toolbox = Toolbox::builder().build()?;
/// let code_mode = CodeMode::new(&Monty::new()?, toolbox).await?;
/// let mut conversation = code_mode.conversation().session();
/// conversation.call(json!({ "code": "rows = [3, 1, 2]" })).await;
/// let outcome = conversation.call(json!({ "code": "sorted(rows)" })).await;
/// assert_eq!(outcome.text(), "[1, 2, 3]");
/// # Ok(()) }
/// ```
pub struct Conversation {
    engine: Arc<Engine>,
    kept: Arc<KeptValues>,
    principal: Option<Principal>,
    interrupt: InterruptHandle,
    on_call: Option<OnCall>,
    place: Place,
    /// Whether a script after this one finds what was cut from its result.
    keeps_results: bool,
    /// What the store had when the session was read or written last.
    pub(crate) version: Option<Version>,
}

/// Where scripts run.
enum Place {
    Fresh,
    /// Opened by its first script.
    Session(Option<Box<Live>>),
}

impl fmt::Debug for Conversation {
    fn fmt(&self, formatter: &mut fmt::Formatter<'_>) -> fmt::Result {
        formatter
            .debug_struct("Conversation")
            .field("is_session", &self.is_session())
            .finish_non_exhaustive()
    }
}

pub(crate) struct Live {
    session: Session,
    pub(crate) calls: Arc<Calls>,
}

/// How much of a script has run.
pub(crate) struct Part {
    pub(crate) source: String,
    /// Where what is still to run begins.
    pub(crate) rest: usize,
}

impl Part {
    /// The whole of a script, all of which runs at once.
    fn whole(source: &str) -> Self {
        Self {
            source: source.to_owned(),
            rest: source.len(),
        }
    }

    /// What is still to run up to a place, on the lines that it has in the whole.
    pub(crate) fn take(&mut self, end: usize) -> Option<String> {
        let before = self.source.get(..self.rest)?;
        let text = self.source.get(self.rest..end)?;
        if text.trim().is_empty() {
            return None;
        }
        let lines = before.bytes().filter(|byte| *byte == b'\n').count();
        let part = "\n".repeat(lines) + text;
        self.rest = end;
        Some(part)
    }
}

impl Live {
    /// Runs what is left of a script after a part of it.
    async fn finish(
        &mut self,
        run: &Run,
        part: &mut Part,
        printed: &mut String,
        progress: Result<Progress, Error>,
    ) -> Result<Progress, Error> {
        let Ok(Progress::Finished(report)) = &progress else {
            return progress;
        };
        let Some(source) = part.take(part.source.len()) else {
            return progress;
        };
        *printed += &report.printed.to_string();
        run.go_on(&source);
        self.feed(with_value(&source)).await
    }

    /// A script that waits is left to its token.
    pub(crate) async fn feed(&mut self, source: String) -> Result<Progress, Error> {
        if self.session.is_suspended() {
            self.session.abandon().await?;
        }
        self.session.feed(source).start().await
    }
}

impl Conversation {
    pub(crate) fn new(engine: Arc<Engine>) -> Self {
        Self {
            engine,
            kept: Arc::default(),
            principal: None,
            interrupt: InterruptHandle::new(),
            on_call: None,
            place: Place::Fresh,
            keeps_results: true,
            version: None,
        }
    }

    /// For a single script: what is cut from its result is not kept, and the model
    /// is told so.
    #[must_use]
    pub fn single(mut self) -> Self {
        self.keeps_results = false;
        self
    }

    /// Lets the scripts share their names. An idle session is parked when other
    /// scripts need its memory.
    #[must_use]
    pub fn session(mut self) -> Self {
        self.place = Place::Session(None);
        self
    }

    /// Whose decisions the scripts wait for, instead of the principal of the
    /// [`CodeModeBuilder`](crate::CodeModeBuilder::approvals).
    #[must_use]
    pub fn principal(mut self, principal: Principal) -> Self {
        self.principal = Some(principal);
        self
    }

    /// Tells of each call that begins in scripts from here on: the tool, and how many
    /// calls the script has made with it. For a line that says what a long script
    /// does.
    ///
    /// It runs before the tool does, and holds the script up: hand the news on and
    /// return.
    pub fn on_call(&mut self, on_call: impl Fn(&str, u64) + Send + Sync + 'static) {
        self.on_call = Some(Arc::new(on_call));
    }

    /// Stops the script that runs, from another task. The names of a session stay.
    pub fn interrupt_handle(&self) -> InterruptHandle {
        self.interrupt.clone()
    }

    /// Goes on with the tools and settings of another [`CodeMode`], such as when
    /// the tools of a server have changed. A session keeps its names, its limits,
    /// its clock and its files.
    pub fn switch(&mut self, code_mode: &CodeMode) {
        self.engine = Arc::clone(code_mode.engine());
    }

    /// A session as [`dump`](Self::dump) wrote it.
    ///
    /// # Errors
    ///
    /// If the bytes are not of a session, or another key signed them.
    pub async fn restore(mut self, bytes: &[u8], key: &SnapshotKey) -> Result<Self, Error> {
        let snapshot = Snapshot::from_bytes(bytes, key)?;
        let live = self.open(Some(&snapshot)).await?;
        self.place = Place::Session(Some(Box::new(live)));
        Ok(self)
    }

    /// The session as signed bytes, with what was cut from results. Nothing for a
    /// conversation that has run no script in a session.
    ///
    /// # Errors
    ///
    /// If the session has ended.
    pub async fn dump(&mut self, key: &SnapshotKey) -> Result<Option<Vec<u8>>, Error> {
        let Place::Session(Some(live)) = &mut self.place else {
            return Ok(None);
        };
        if !live.session.is_suspended() {
            // A snippet without a statement would not set its inputs.
            let mut feed = live.session.feed("None");
            for (name, value) in self.kept.all() {
                feed = feed.input(&name, value)?;
            }
            feed.run().await?;
        }
        live.session.dump().await?.to_bytes(key).map(Some)
    }

    /// Runs a script: what a model calls the tool with.
    ///
    /// Everything that goes wrong is in the outcome, with a text for the model.
    /// Dropping the future stops the script and its calls; a session has ended
    /// then, and the next script starts a new one.
    pub async fn call(&mut self, arguments: Json) -> Outcome {
        match code_of(&arguments) {
            Ok(code) => self.run(code).await,
            Err(message) => {
                let error = Error::invalid(message);
                let run = self.begin("", CallLog::default());
                self.failed(&run, CallLog::default(), String::new(), error)
                    .await
            }
        }
    }

    /// Runs a script.
    pub async fn run(&mut self, code: &str) -> Outcome {
        let run = self.begin(code, CallLog::default());
        let source = with_value(code);
        let progress = match self.place {
            // Whoever drops this future drops the session with it.
            Place::Session(_) => match self.take_live().await {
                Ok(mut live) => {
                    live.calls.begin(&self.engine.table, &run);
                    let progress = live.feed(source).await;
                    self.keep_live(live);
                    progress
                }
                Err(error) => Err(error),
            },
            Place::Fresh => {
                let engine = &self.engine;
                let calls = self.calls(&run);
                match self.host(&calls) {
                    Ok(host) => {
                        let script = engine.monty.script(source).host(host);
                        let script = script.limits(engine.limits.clone());
                        let script = script.options(engine.options.clone());
                        let script = match &engine.checks {
                            Some((rules, limits)) => {
                                script.checked_by(rules.clone(), limits.clone())
                            }
                            None => script,
                        };
                        script.start().await
                    }
                    Err(error) => Err(error),
                }
            }
        };
        self.outcome(&run, &Part::whole(code), String::new(), progress)
            .await
    }

    /// What a token waits for, to be shown to whoever decides.
    ///
    /// # Errors
    ///
    /// As [`CodeMode::inspect`].
    pub async fn inspect(&self, token: &str) -> Result<Review, ResumeError> {
        let (approvals, principal) = self.approvals()?;
        let shown = approvals
            .inspect(token, principal, SystemTime::now())
            .await?;
        let suspended = Suspended::read(&shown.payload)?;
        Ok(Review::new(shown, suspended))
    }

    /// Goes on with a script that waits, of this conversation or of another
    /// process. A session is as it was when the script was suspended.
    ///
    /// # Errors
    ///
    /// As [`CodeMode::resume`].
    pub async fn resume(
        &mut self,
        token: &str,
        decisions: &Decisions,
    ) -> Result<Outcome, ResumeError> {
        let (approvals, principal) = self.approvals()?;
        // Everything that may be wrong is found before the token is used.
        let shown = approvals
            .inspect(token, principal, SystemTime::now())
            .await?;
        let Suspended { is_session, .. } = Suspended::read(&shown.payload)?;
        match (self.is_session(), is_session) {
            (true, false) => {
                return Err(Error::invalid(
                    "this token is of a script by itself: resume it with `CodeMode::resume`",
                )
                .into());
            }
            (false, true) => {
                return Err(Error::invalid(
                    "this token is of a session: resume it with a `Conversation` that has one",
                )
                .into());
            }
            _ => {}
        }
        let decided = approvals
            .open(token, principal, decisions, SystemTime::now())
            .await?;
        let Suspended {
            snapshot,
            source,
            rest,
            mut printed,
            log,
            ..
        } = Suspended::read(&decided.payload)?;
        let run = self.begin(&source, log);
        let answers = self
            .answers(&run, &decided.calls, decided.decisions)
            .await?;
        let mut part = Part { source, rest };
        let progress = match snapshot.kind() {
            SnapshotKind::Session => match self.open(Some(&snapshot)).await {
                Ok(mut live) => {
                    live.calls.begin(&self.engine.table, &run);
                    let progress = live.session.resume(answers).start().await;
                    let progress = live.finish(&run, &mut part, &mut printed, progress).await;
                    self.keep_live(live);
                    progress
                }
                Err(error) => Err(error),
            },
            _ => {
                let calls = self.calls(&run);
                match self.host(&calls) {
                    Ok(host) => {
                        let resume = self.engine.monty.resume(&snapshot, answers);
                        resume.host(host).start().await
                    }
                    Err(error) => Err(error),
                }
            }
        };
        Ok(self.outcome(&run, &part, printed, progress).await)
    }

    /// A session goes on after its script; that of a script by itself is over.
    pub(crate) fn keep_live(&mut self, live: Live) {
        if self.is_session() {
            self.place = Place::Session(Some(Box::new(live)));
        }
    }

    /// The answers to the calls, those that were approved made now, all at once.
    async fn answers(
        &self,
        run: &Arc<Run>,
        calls: &[PendingCall],
        decisions: Vec<Decision>,
    ) -> Result<Answers, Error> {
        let table = &self.engine.table;
        // In this task and not in ones of their own, for which there would have to
        // be a runtime.
        let mut under_way: Vec<UnderWay> = Vec::new();
        let mut answers = Answers::new();
        for (pending, decision) in calls.iter().zip(decisions) {
            let id = pending.id;
            let arguments = match decision {
                Decision::Approve => pending.arguments.clone(),
                Decision::Edit(arguments) => arguments,
                Decision::Answer(value) => {
                    run.decided(id, CallEnd::Returned);
                    answers = answers.value(id, Value::from_json(value))?;
                    continue;
                }
                Decision::Deny(reason) => {
                    run.decided(
                        id,
                        CallEnd::Refused(reason_in_short(&format!("not approved: {reason}"))),
                    );
                    let error = ToolError::permission_error(format_args!(
                        "{}() was not approved: {reason}",
                        pending.tool
                    ));
                    answers = answers.raise(id, error);
                    continue;
                }
            };
            let call = pending::call(table, &pending.tool, arguments);
            let (table, run) = (Arc::clone(table), Arc::clone(run));
            under_way.push(Box::pin(async move {
                let answer = match call {
                    Ok(call) => make_later(&table, &run, id, call).await,
                    Err(error) => {
                        run.decided(id, CallEnd::Refused(reason_in_short(error.message())));
                        Err(error)
                    }
                };
                (id, answer)
            }));
        }
        while !under_way.is_empty() {
            let (place, (id, answer)) = first_ready(&mut under_way).await;
            drop(under_way.swap_remove(place));
            answers = match answer {
                Ok(Some(value)) => answers.value(id, value)?,
                Ok(None) => answers.not_found(id),
                Err(error) => answers.raise(id, error),
            };
        }
        Ok(answers)
    }

    /// Who decides, and on what.
    fn approvals(&self) -> Result<(&Approvals, &Principal), Error> {
        let (approvals, principal) = self.engine.approvals.as_ref().ok_or_else(|| {
            Error::invalid(
                "scripts cannot wait here: add `CodeModeBuilder::approvals`, with the keys that sealed the token",
            )
        })?;
        Ok((approvals, self.principal.as_ref().unwrap_or(principal)))
    }

    fn is_session(&self) -> bool {
        matches!(self.place, Place::Session(_))
    }

    fn calls(&self, run: &Arc<Run>) -> Arc<Calls> {
        Calls::new(&self.engine.table, run, Arc::clone(&self.kept))
    }

    fn host(&self, calls: &Arc<Calls>) -> Result<Host, Error> {
        let host = Host::new()
            .external_call(Arc::clone(calls) as _)
            .interrupt(&self.interrupt);
        self.engine.os.add_to(host)
    }

    /// What is known of a script that begins.
    pub(crate) fn begin(&self, source: &str, log: CallLog) -> Arc<Run> {
        Run::new(source, log, self.on_call.clone())
    }

    /// The tools of the scripts.
    pub(crate) fn table(&self) -> &Arc<Table> {
        &self.engine.table
    }

    /// The session that a streamed script runs in.
    pub(crate) async fn take_live(&mut self) -> Result<Live, Error> {
        if let Place::Session(live) = &mut self.place
            && let Some(live) = live.take()
        {
            return Ok(*live);
        }
        self.open(None).await
    }

    async fn open(&self, snapshot: Option<&Snapshot>) -> Result<Live, Error> {
        let engine = &self.engine;
        let calls = self.calls(&Run::without_script());
        let builder = engine.monty.session().host(self.host(&calls)?);
        let builder = match &engine.checks {
            Some((rules, limits)) => builder.checked_by(rules.clone(), limits.clone()),
            None => builder,
        };
        let session = match snapshot {
            Some(snapshot) => builder.restore(snapshot).await?,
            None => {
                let builder = builder.limits(engine.limits.clone());
                builder.options(engine.options.clone()).open().await?
            }
        };
        Ok(Live { session, calls })
    }

    pub(crate) async fn outcome(
        &mut self,
        run: &Arc<Run>,
        part: &Part,
        mut printed: String,
        progress: Result<Progress, Error>,
    ) -> Outcome {
        let log = run.close();
        match progress {
            Ok(Progress::Finished(report)) => {
                printed += &report.printed.to_string();
                self.finished(run, log, printed, report)
            }
            Ok(Progress::Suspended(suspension)) => {
                printed += &suspension.printed.to_string();
                match self.wait(run, &log, part, &printed, &suspension).await {
                    Ok(waiting) => self.waiting(run, log, printed, waiting, suspension.statistics),
                    Err(error) => self.failed(run, log, printed, error).await,
                }
            }
            Err(error) => {
                if let Some(more) = error.printed() {
                    printed += &more.to_string();
                }
                self.failed(run, log, printed, error).await
            }
        }
    }

    fn finished(&mut self, run: &Run, log: CallLog, printed: String, report: Report) -> Outcome {
        let Report {
            value, statistics, ..
        } = report;
        let attachments = run.shown(Some(&value));
        let telling = self.telling(None);
        let told = outcome::finished(&value, &printed, &telling);
        self.keep(&told, Some(&value), &printed);
        Outcome {
            status: Status::Finished,
            value,
            printed,
            calls: log.records,
            unrecorded_calls: log.unrecorded,
            attachments,
            statistics: Some(statistics),
            text: told.text,
        }
    }

    async fn failed(&mut self, run: &Run, log: CallLog, printed: String, error: Error) -> Outcome {
        let attachments = run.shown(None);
        // A session whose interpreter trapped, or whose snippet waits for what
        // cannot come, is of no more use.
        if let Place::Session(Some(live)) = &mut self.place
            && (live.session.is_suspended() || live.session.functions().await.is_err())
        {
            self.place = Place::Session(None);
        }
        let advice = self.advice_for(&error, &log);
        let message = error.to_string();
        let hidden = self.engine.table.hiding.text(&message);
        let message = hidden.unwrap_or(message);
        let telling = self.telling(advice);
        let told = outcome::failed(&error, &message, &printed, &log, &telling);
        self.keep(&told, None, &printed);
        Outcome {
            statistics: error.statistics().cloned(),
            status: Status::Failed(error),
            value: Value::None,
            printed,
            calls: log.records,
            unrecorded_calls: log.unrecorded,
            attachments,
            text: told.text,
        }
    }

    fn waiting(
        &self,
        run: &Run,
        log: CallLog,
        printed: String,
        waiting: Waiting,
        statistics: Statistics,
    ) -> Outcome {
        let budget = self.engine.result_budget;
        let text = outcome::waiting(&waiting.calls, &log, &printed, budget);
        Outcome {
            status: Status::Waiting(waiting),
            value: Value::None,
            printed,
            calls: log.records,
            unrecorded_calls: log.unrecorded,
            attachments: run.shown(None),
            statistics: Some(statistics),
            text,
        }
    }

    /// Seals a suspended script.
    async fn wait(
        &self,
        run: &Run,
        log: &CallLog,
        part: &Part,
        printed: &str,
        suspension: &Suspension,
    ) -> Result<Waiting, Error> {
        let (approvals, principal) = self.approvals().map_err(|_| {
            Error::invalid(
                "a tool suspended the script, and scripts cannot wait here: add `CodeModeBuilder::approvals`",
            )
        })?;
        let table = &self.engine.table;
        let pending = |call: &Call| pending::pending(table, call, run.line(call));
        let calls = suspension
            .calls
            .iter()
            .map(pending)
            .collect::<Result<Vec<_>, _>>()?;
        let payload = Suspended {
            snapshot: suspension.snapshot.clone(),
            source: part.source.clone(),
            rest: part.rest,
            printed: printed.to_owned(),
            log: log.clone(),
            is_session: self.is_session(),
        };
        let now = SystemTime::now();
        let sealed = approvals
            .seal(principal, &calls, &payload.write()?, now)
            .await;
        let sealed = sealed.map_err(|error| {
            Error::invalid(format_args!("the script cannot wait for approval: {error}"))
        })?;
        Ok(Waiting {
            token: sealed.token,
            expires: sealed.expires,
            calls,
        })
    }

    fn telling(&self, advice: Option<String>) -> Telling {
        Telling {
            budget: self.engine.result_budget,
            advice,
            kept: self.keeps_results.then(|| self.kept.next()),
            keeps_names: matches!(self.place, Place::Session(Some(_))),
        }
    }

    fn keep(&self, told: &Told, value: Option<&Value>, printed: &str) {
        if self.keeps_results && (told.value_is_cut || told.printed_is_cut) {
            let value = value.filter(|value| told.value_is_cut && KeptValues::takes(value));
            self.kept
                .keep(value, told.printed_is_cut.then_some(printed));
        }
    }

    /// What helps to mend a script that called a tool wrongly.
    fn advice_for(&self, error: &Error, log: &CallLog) -> Option<String> {
        let exception = error.exception()?;
        let message = exception.message.as_deref()?;
        let table = &self.engine.table;
        match exception.type_name.as_str() {
            // The interpreter raises it without asking for near names.
            "AttributeError" => table.meant_by(message),
            "TypeError" | "ValueError" => {
                let last = log.records.last()?;
                if !message.starts_with(&format!("{}()", last.name)) {
                    return None;
                }
                let signature = table.entry(&last.name)?.tool.get_signature();
                Some(format!("The tool is called as: {signature}"))
            }
            _ => None,
        }
    }
}

/// An approved call that is being made.
type UnderWay = Pin<Box<dyn Future<Output = (u32, Answer)> + Send>>;

/// The first of these that is ready, and its place. There are few.
async fn first_ready(under_way: &mut [UnderWay]) -> (usize, (u32, Answer)) {
    poll_fn(|context| {
        let mut polled = under_way.iter_mut().enumerate();
        let ready = polled.find_map(|(place, one)| match one.as_mut().poll(context) {
            Poll::Ready(made) => Some((place, made)),
            Poll::Pending => None,
        });
        ready.map_or(Poll::Pending, Poll::Ready)
    })
    .await
}

/// The script among the arguments of a tool call.
fn code_of(arguments: &Json) -> Result<&str, String> {
    let Some(arguments) = arguments.as_object() else {
        return Err("the arguments are an object with the key `code`".to_owned());
    };
    if let Some(other) = arguments.keys().find(|key| *key != "code") {
        return Err(format!(
            "there is no argument `{other}`: pass the whole script as `code`"
        ));
    }
    match arguments.get("code") {
        Some(Json::String(code)) => Ok(code),
        Some(_) => Err("`code` is a string: the Python script".to_owned()),
        None => Err("`code` is missing: pass the Python script".to_owned()),
    }
}

/// The script, so that the value of a final assignment is its value.
pub(crate) fn with_value(code: &str) -> String {
    match statement::assigned_name(code) {
        Some(name) => format!("{code}\n{name}"),
        None => code.to_owned(),
    }
}

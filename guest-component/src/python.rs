//! An interpreter and the loop that it runs in: Monty runs until it needs the
//! host, an import answers, and Monty goes on.

use std::collections::BTreeSet;

use monty::{MontyRepl, MontyRun, ReplProgress, ReplStartError};
use monty_types::{
    ExcType, MontyException, NamedValues, ResourceError, ResourceLimits, ResourceTracker,
    TimeLimitScope,
};
use monty_value::types::{Exception, ExceptionReport, SettledCall};

use crate::{
    bindings::exports::monty::sandbox::interpreter::{Failure, Outcome, Suspension},
    calls::Calls,
    decode::HostObjects,
    encode, exceptions, external, futures, os,
    print::Printer,
    snapshot,
    state::{Settings, State, Suspended},
    turn::{Progress, Step, Turn},
};

/// An interpreter with what the host is owed beside it.
pub struct Python {
    /// What holds for every piece of code.
    pub settings: Settings,
    host_objects: HostObjects,
    printer: Printer,
    state: State,
}

impl Python {
    /// An interpreter that has run nothing.
    pub fn new(settings: Settings, repl: MontyRepl) -> Self {
        let state = State::Idle(Box::new(repl));
        Self::with_state(settings, HostObjects::default(), state)
    }

    /// An interpreter from its parts.
    pub fn with_state(settings: Settings, host_objects: HostObjects, state: State) -> Self {
        Self {
            printer: Printer::new(settings.line_buffered),
            settings,
            host_objects,
            state,
        }
    }

    /// The classes and instances that the host sent.
    pub fn host_objects(&mut self) -> &mut HostObjects {
        &mut self.host_objects
    }

    /// Where it stands.
    pub fn state(&self) -> &State {
        &self.state
    }

    /// Runs a piece of code.
    ///
    /// # Errors
    ///
    /// Why it has no result.
    pub fn feed(
        &mut self,
        source: &str,
        inputs: NamedValues,
        limits: ResourceLimits,
        line_buffered: bool,
    ) -> Result<Outcome, Failure> {
        let mut repl = match std::mem::replace(&mut self.state, State::Gone) {
            State::Idle(repl) => repl,
            busy => {
                self.state = busy;
                return Err(Failure::InvalidRequest(
                    "the session is suspended: resume or abandon it first".to_owned(),
                ));
            }
        };
        *repl.tracker_mut() = ResourceTracker::new(limits);
        self.printer.reset();
        self.printer.set_line_buffered(line_buffered);
        let input_names = inputs.iter().map(|(name, _)| name.to_owned()).collect();
        match repl.feed_start(source, inputs, self.printer.writer()) {
            Err(ended) if does_not_compile(source, input_names, &ended) => {
                let ReplStartError { repl, error } = *ended;
                self.state = State::Idle(Box::new(repl));
                let report = exceptions::report(error, &self.settings.origin);
                Err(Failure::InvalidSource(report))
            }
            Err(ended) if is_refused_input(&ended.error) => {
                let ReplStartError { repl, error } = *ended;
                self.state = State::Idle(Box::new(repl));
                let reason = error.into_message().unwrap_or_default();
                Err(Failure::InvalidRequest(format!("the inputs: {reason}")))
            }
            progress => self.serve(Step::On(progress), Calls::default()),
        }
    }

    /// Goes on with what is suspended.
    ///
    /// # Errors
    ///
    /// Why it has no result. It goes on waiting if the answers are not valid.
    pub fn resume(&mut self, answers: Vec<SettledCall>) -> Result<Outcome, Failure> {
        let suspended = match std::mem::replace(&mut self.state, State::Gone) {
            State::Suspended(suspended) => *suspended,
            other => {
                self.state = other;
                return Err(Failure::InvalidRequest("no call waits".to_owned()));
            }
        };
        let in_place = suspended.call_in_place();
        if let Err(reason) = check_answers(&answers, &suspended, in_place) {
            self.state = State::Suspended(Box::new(suspended));
            return Err(Failure::InvalidRequest(format!("answers: {reason}")));
        }
        let mut calls = suspended.calls;
        let settled = calls.accept(answers, in_place, &mut self.host_objects);
        self.printer.reset();
        let mut turn = self.turn(&mut calls);
        let step = match (suspended.progress, settled) {
            (ReplProgress::FunctionCall(call), Some(settled)) => {
                external::settle(call, settled, &mut turn)
            }
            (call @ ReplProgress::FunctionCall(_), None) => Step::Suspend(call),
            (progress, _) => Step::On(Ok(progress)),
        };
        self.serve(step, calls)
    }

    /// Gives up what is suspended.
    pub fn abandon(&mut self) {
        self.state = match std::mem::replace(&mut self.state, State::Gone) {
            State::Suspended(suspended) => State::Idle(Box::new(suspended.progress.into_repl())),
            other => other,
        };
    }

    /// The whole of it in bytes.
    ///
    /// # Errors
    ///
    /// If something in it has no form in bytes.
    pub fn snapshot(&self) -> Result<Vec<u8>, Failure> {
        snapshot::write(&self.settings, &self.host_objects, &self.state)
            .map_err(|reason| Failure::Other(format!("there is no snapshot: {reason}")))
    }

    /// What the imports need.
    fn turn<'a>(&'a mut self, calls: &'a mut Calls) -> Turn<'a> {
        Turn {
            host_objects: &mut self.host_objects,
            printer: &mut self.printer,
            calls,
            origin: &self.settings.origin,
            timezone: &self.settings.timezone,
        }
    }

    /// Answers what the code asks for until it ends.
    fn serve(&mut self, mut step: Step, mut calls: Calls) -> Result<Outcome, Failure> {
        loop {
            let progress = match step {
                Step::On(progress) => progress,
                Step::Suspend(progress) => {
                    self.printer.flush();
                    if self.printer.refusal().is_none() {
                        return self.put_away(progress, calls);
                    }
                    Ok(progress)
                }
            };
            let progress = progress.and_then(|progress| self.flush_and_check(progress));
            let mut turn = self.turn(&mut calls);
            step = match progress {
                Ok(ReplProgress::FunctionCall(call)) => external::call(call, &mut turn),
                Ok(ReplProgress::NameLookup(lookup)) => {
                    Step::On(external::lookup(lookup, &mut turn))
                }
                Ok(ReplProgress::OsCall(call)) => Step::On(os::call(call, &mut turn)),
                Ok(ReplProgress::ResolveFutures(futures)) => futures::resolve(futures, &mut turn),
                Ok(ReplProgress::Complete { repl, value }) => {
                    self.state = State::Idle(repl);
                    return match self.printer.refusal() {
                        Some(exception) => Err(Failure::Raised(without_frames(exception))),
                        None => encode::encode(value)
                            .map(Outcome::Completed)
                            .map_err(|error| Failure::Other(format!("the result: {error}"))),
                    };
                }
                Err(ended) => {
                    self.printer.flush();
                    let ReplStartError { repl, error } = *ended;
                    let failure = exceptions::failure(error, repl.tracker(), &self.settings.origin);
                    self.state = State::Idle(Box::new(repl));
                    return Err(failure);
                }
            };
        }
    }

    /// Writes out what was printed, before the host is asked for anything else,
    /// and ends a piece of code that is out of time, or whose prints nobody takes.
    fn flush_and_check(&mut self, progress: ReplProgress) -> Progress {
        self.printer.flush();
        if let ReplProgress::Complete { .. } = progress {
            return Ok(progress);
        }
        let refusal = self.printer.refusal().map(exceptions::from_host);
        let Some(exception) = refusal.or_else(|| out_of_time(progress.tracker())) else {
            return Ok(progress);
        };
        let writer = self.printer.writer();
        match progress {
            ReplProgress::FunctionCall(call) => call.abort(exception, writer),
            ReplProgress::OsCall(call) => call.abort(exception, writer),
            ReplProgress::NameLookup(lookup) => lookup.abort(exception, writer),
            ReplProgress::ResolveFutures(futures) => futures.abort(exception, writer),
            complete @ ReplProgress::Complete { .. } => Ok(complete),
        }
    }

    /// Puts a piece of code away.
    fn put_away(&mut self, progress: ReplProgress, calls: Calls) -> Result<Outcome, Failure> {
        let requests = calls.requests();
        self.state = State::Suspended(Box::new(Suspended { progress, calls }));
        let requests = requests
            .map_err(|exception| Failure::Other(exception.into_message().unwrap_or_default()))?;
        Ok(Outcome::Suspended(Suspension {
            calls: requests,
            snapshot: self.snapshot()?,
        }))
    }
}

/// An exception that ended a script which had run to its end.
fn without_frames(exception: Exception) -> ExceptionReport {
    ExceptionReport {
        exception,
        traceback: Vec::new(),
        detail: None,
        hint: None,
    }
}

/// The exception for a piece of code whose time is up. Monty looks at the time
/// every few hundred instructions and counts them anew after each call of the
/// host, so a loop of little more than calls would go on.
fn out_of_time(tracker: &ResourceTracker) -> Option<MontyException> {
    let elapsed = tracker.feed_elapsed();
    let limit = tracker
        .max_feed_duration()
        .filter(|limit| elapsed > *limit)?;
    let error = ResourceError::Time {
        scope: TimeLimitScope::Feed,
        limit,
        elapsed,
    };
    Some(exceptions::raise(ExcType::TimeoutError, error.to_string()))
}

/// Whether each answer is to a call that waits, and the call that has to be
/// answered first is.
fn check_answers(
    answers: &[SettledCall],
    suspended: &Suspended,
    in_place: Option<u32>,
) -> Result<(), String> {
    let waiting = suspended.calls.suspended();
    let mut answered = BTreeSet::new();
    for SettledCall { id, .. } in answers {
        if !waiting.iter().any(|call| call.id() == *id) {
            return Err(format!("no call {id} waits"));
        }
        if !answered.insert(*id) {
            return Err(format!("call {id} is answered twice"));
        }
    }
    match in_place {
        Some(id) if !answered.contains(&id) => Err(format!(
            "the script cannot go on without an answer to call {id}"
        )),
        _ => Ok(()),
    }
}

/// Whether a piece of code never ran, because its source does not compile.
/// Monty does not tell that from an exception of the same type that the code
/// raised, so the source is compiled once more.
fn does_not_compile(source: &str, input_names: Vec<String>, ended: &ReplStartError) -> bool {
    let may_be = matches!(
        ended.error.exc_type(),
        ExcType::SyntaxError | ExcType::NotImplementedError
    ) && ended.error.traceback().len() <= 1;
    may_be && MontyRun::new(source.to_owned(), "", input_names, ended.repl.options()).is_err()
}

/// Whether a piece of code did not start because of an input: what a script
/// raises has a traceback.
fn is_refused_input(error: &MontyException) -> bool {
    error.traceback().is_empty()
        && error.exc_type() == ExcType::RuntimeError
        && error
            .message()
            .is_some_and(|message| message.starts_with("invalid input type: "))
}

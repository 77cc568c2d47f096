//! An interpreter, what runs in it, and what that comes to.

use std::collections::BTreeSet;

use monty::{MontyRepl, MontyRun, ReplProgress, ReplStartError};
use monty_types::{
    ExcType, MontyException, NamedValues, PrintWriter, ResourceLimits, ResourceTracker,
};
use monty_value::types::{Exception, ExceptionReport, SettledCall};

use crate::{
    answers::Settled,
    bindings::exports::monty::sandbox::interpreter::{Failure, Outcome, Suspension},
    calls::Calls,
    decode::HostObjects,
    encode, exceptions,
    print::Printer,
    snapshot,
    state::{Settings, State, Suspended},
    turn::{Progress, Turn},
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
        let mut calls = Calls::default();
        let progress = self.turn(&mut calls, None, |writer, turn| {
            repl.feed_with(source, inputs, writer, turn)
        });
        match progress {
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
            progress => self.end(progress, calls),
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
        let Suspended {
            progress,
            mut calls,
        } = suspended;
        let accepted = calls.accept(answers, in_place, &mut self.host_objects);
        if in_place.is_some() && accepted.is_none() {
            return self.put_away(progress, calls);
        }
        self.printer.reset();
        let progress = self.turn(&mut calls, accepted, |writer, turn| {
            progress.resume_with(writer, turn)
        });
        self.end(progress, calls)
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

    /// Runs code that is answered from here.
    fn turn(
        &mut self,
        calls: &mut Calls,
        accepted: Option<Settled>,
        run: impl FnOnce(PrintWriter<'_>, &mut Turn<'_>) -> Progress,
    ) -> Progress {
        let mut printer = &self.printer;
        let mut turn = Turn {
            host_objects: &mut self.host_objects,
            printer,
            calls,
            origin: &self.settings.origin,
            timezone: &self.settings.timezone,
            accepted,
        };
        run(PrintWriter::Callback(&mut printer), &mut turn)
    }

    /// What a piece of code came to.
    fn end(&mut self, progress: Progress, calls: Calls) -> Result<Outcome, Failure> {
        self.printer.flush();
        match progress {
            Ok(ReplProgress::Complete { repl, value }) => {
                self.state = State::Idle(repl);
                match self.printer.refusal() {
                    Some(exception) => Err(Failure::Raised(without_frames(exception))),
                    None => encode::encode(value)
                        .map(Outcome::Completed)
                        .map_err(|error| Failure::Other(format!("the result: {error}"))),
                }
            }
            Ok(suspended) => self.put_away(suspended, calls),
            Err(ended) => {
                let ReplStartError { repl, error } = *ended;
                let failure = exceptions::failure(error, repl.tracker(), &self.settings.origin);
                self.state = State::Idle(Box::new(repl));
                Err(failure)
            }
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

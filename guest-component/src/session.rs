//! Sessions.

use std::cell::RefCell;

use monty::{ReplContinuationMode, detect_repl_continuation_mode};
use monty_value::types::SettledCall;

use crate::{
    bindings::exports::monty::sandbox::interpreter::{
        self, Completeness, Failure, FeedOptions, FunctionCall, GuestSession, Options, Outcome,
    },
    decode, leaves,
    options::{self, Request},
    origin::Origin,
    python::Python,
    run::prepare,
    snapshot,
    state::State,
};

/// The global variable that hands a function its arguments. The call empties
/// it.
const ARGUMENTS: &str = "_monty_call";

/// A session. Its methods are not called while one of them runs: a component
/// is not entered twice.
pub struct Session(RefCell<Python>);

impl Session {
    fn open(python: Python) -> interpreter::Session {
        interpreter::Session::new(Self(RefCell::new(python)))
    }
}

impl GuestSession for Session {
    fn create(options: Options) -> Result<interpreter::Session, Failure> {
        if options.inputs.is_some() {
            return Err(Failure::InvalidRequest(
                "the inputs: a session takes its inputs with each piece of code".to_owned(),
            ));
        }
        let request = Request::new(options, Origin::Session).map_err(Failure::InvalidRequest)?;
        prepare();
        Ok(Self::open(request.open()))
    }

    fn restore(snapshot: Vec<u8>) -> Result<interpreter::Session, Failure> {
        prepare();
        let (settings, host_objects, state) =
            snapshot::read(&snapshot).map_err(Failure::InvalidSnapshot)?;
        if let Origin::Script(_) = settings.origin {
            return Err(Failure::InvalidSnapshot(
                "it is of a script: `resume` goes on with it".to_owned(),
            ));
        }
        let python = Python::with_state(settings, host_objects, state);
        Ok(Self::open(python))
    }

    fn feed(&self, source: String, options: FeedOptions) -> Result<Outcome, Failure> {
        let python = &mut *self.0.borrow_mut();
        let options = options::feed(options, &python.settings).map_err(Failure::InvalidRequest)?;
        let inputs = options::inputs(options.inputs, python.host_objects())
            .map_err(Failure::InvalidRequest)?;
        python.feed(&source, inputs, options.limits, options.line_buffered)
    }

    fn call(&self, call: FunctionCall, options: FeedOptions) -> Result<Outcome, Failure> {
        let python = &mut *self.0.borrow_mut();
        if let State::Idle(repl) = python.state()
            && !repl.has_function(&call.name)
        {
            let message = format!("the session has no function {}", leaves::quoted(&call.name));
            return Err(Failure::InvalidRequest(message));
        }
        if options.inputs.is_some() {
            return Err(Failure::InvalidRequest(
                "the inputs: a function takes arguments".to_owned(),
            ));
        }
        let options = options::feed(options, &python.settings).map_err(Failure::InvalidRequest)?;
        let awaits = if call.awaits { "await " } else { "" };
        let name = call.name;
        let source = format!("{awaits}{name}(*{ARGUMENTS}.pop(0), **{ARGUMENTS}.pop())");
        let arguments = decode::function_arguments(
            ARGUMENTS,
            call.positional,
            call.keyword,
            call.graph,
            python.host_objects(),
        )
        .map_err(|reason| Failure::InvalidRequest(format!("the arguments: {reason}")))?;
        python.feed(&source, arguments, options.limits, options.line_buffered)
    }

    fn resume(&self, answers: Vec<SettledCall>) -> Result<Outcome, Failure> {
        self.0.borrow_mut().resume(answers)
    }

    fn abandon(&self) {
        self.0.borrow_mut().abandon();
    }

    fn functions(&self) -> Vec<String> {
        match self.0.borrow().state() {
            State::Idle(repl) => {
                let mut names: Vec<String> = repl
                    .function_names()
                    .into_iter()
                    .map(str::to_owned)
                    .collect();
                names.sort_unstable();
                names
            }
            State::Suspended(_) | State::Gone => Vec::new(),
        }
    }

    fn dump(&self) -> Result<Vec<u8>, Failure> {
        self.0.borrow().snapshot()
    }
}

/// Whether a source that is typed line by line can be run.
pub fn completeness(source: &str) -> Completeness {
    match detect_repl_continuation_mode(source) {
        ReplContinuationMode::Complete => Completeness::Complete,
        ReplContinuationMode::IncompleteImplicit => Completeness::Incomplete,
        ReplContinuationMode::IncompleteBlock => Completeness::IncompleteBlock,
    }
}

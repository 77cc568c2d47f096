//! Classifies how a call of the component ended.

use monty_value::graph::{GraphCaps, GraphError};
use monty_value::types::CallRequest;
use monty_value::{Decoder, Value};
use wasmtime::Trap;

use super::bindings::exports::monty::sandbox::interpreter::{self, Failure};
use super::context::MontyCtx;
use super::messages::{decode_call, message_limit};
use crate::account::clock::Phase;
use crate::account::stop::Stop;
use crate::error::{Error, ErrorKind};
use crate::limits::{Limit, Limits};
use crate::statistics::Statistics;
use crate::tools::Call;

/// How a script or a snippet ended, if it did not fail.
#[derive(Clone, Debug)]
#[non_exhaustive]
pub enum Outcome {
    /// It ran to its end. The value of its last line.
    Completed(Value),
    /// It waits for the answers to calls that a tool suspended.
    Suspended(Box<Suspended>),
}

/// A suspended script or session.
#[derive(Clone, Debug)]
#[non_exhaustive]
pub struct Suspended {
    /// The calls it waits for, in the order they were made.
    pub calls: Vec<Call>,
    /// The interpreter's own snapshot. It is neither signed nor encrypted, and
    /// the interpreter trusts it. Outside the process, use
    /// [`Snapshot`](crate::Snapshot).
    pub snapshot: Vec<u8>,
    /// Its usage so far and its limits, for the resumption.
    pub budget: Budget,
}

/// The limits and the usage of a script or snippet.
#[derive(Clone, Debug, Default)]
pub struct Budget {
    /// Its usage.
    pub used: Statistics,
    /// Its limits.
    pub limits: Limits,
}

impl MontyCtx {
    /// Classifies how a call that runs Python ended: a value, an error of the
    /// script, a limit, an interrupt, or a fault of the sandbox.
    pub(super) fn outcome(
        &mut self,
        result: wasmtime::Result<Result<interpreter::Outcome, Failure>>,
    ) -> Result<Outcome, Error> {
        let is_suspended = matches!(result, Ok(Ok(interpreter::Outcome::Suspended(_))));
        let outcome = self.classify(result);
        self.left_suspended = is_suspended && outcome.is_err();
        // The interrupt was for this call, unless nothing began.
        let began = !matches!(&outcome, Err(error) if error.kind() == ErrorKind::Request);
        if began {
            self.stops.forget_interrupts();
        }
        outcome.map_err(|error| error.with_statistics(self.statistics()))
    }

    fn classify(
        &mut self,
        result: wasmtime::Result<Result<interpreter::Outcome, Failure>>,
    ) -> Result<Outcome, Error> {
        let ended = match result {
            Ok(Ok(outcome)) => {
                let work = std::sync::Arc::clone(&self.work);
                let _host = work.clock.enter(Phase::Host);
                self.decode(outcome)
            }
            Ok(Err(failure)) if is_interrupt(&failure) => match self.stops.reason() {
                Some(stop) => return Err(stop.into()),
                None => Err(failed(failure)),
            },
            Ok(Err(failure)) => Err(failed(failure)),
            Err(error) => return Err(self.trapped(error)),
        };
        // The cost of its end counts too.
        let _ = self.work.check();
        match (self.stops.own_reason(), ended) {
            (Some(stop), _) => Err(stop.into()),
            (None, Ok(Outcome::Suspended(mut suspended))) => {
                suspended.budget = Budget {
                    used: self.statistics(),
                    limits: self.limits.clone(),
                };
                Ok(Outcome::Suspended(suspended))
            }
            (None, ended) => ended,
        }
    }

    fn decode(&self, outcome: interpreter::Outcome) -> Result<Outcome, Error> {
        let caps = self.caps();
        let refused = |error| Error::from(message_limit(&error, caps));
        let (outcome, bytes) = match outcome {
            interpreter::Outcome::Completed(message) => {
                let mut decoder = Decoder::new(message.graph.as_ref(), caps).map_err(refused)?;
                let value = decoder.value(&message.root).map_err(refused)?;
                (Outcome::Completed(value), decoder.taken_bytes())
            }
            interpreter::Outcome::Suspended(suspension) => {
                let calls = decode_calls(suspension.calls, caps).map_err(refused)?;
                let snapshot = suspension.snapshot;
                let bytes = calls.iter().map(|call| call.bytes).sum::<u64>();
                let bytes = bytes.saturating_add(snapshot.len() as u64);
                let suspended = Suspended {
                    calls,
                    snapshot,
                    budget: Budget::default(),
                };
                (Outcome::Suspended(Box::new(suspended)), bytes)
            }
        };
        // Counts towards the peak; from here on it is the embedder's. The stops
        // report an excess.
        drop(self.work.hold(bytes));
        Ok(outcome)
    }

    /// Classifies a trap. Nothing runs in the instance after it.
    pub(super) fn trapped(&mut self, error: wasmtime::Error) -> Error {
        self.trapped = true;
        let error = match error.downcast::<Stop>() {
            Ok(stop) => return stop.into(),
            Err(error) => error,
        };
        let limit = |limit, message: String| Error::limit_exceeded(limit, message, None);
        match error.downcast_ref::<Trap>() {
            _ if self.memory.refused() => {
                let bytes = self.limits.memory_bytes.unwrap_or(u64::from(u32::MAX));
                limit(
                    Limit::Memory,
                    format!("memory limit exceeded: more than {bytes} bytes"),
                )
            }
            Some(Trap::StackOverflow) => limit(
                Limit::Recursion,
                "recursion limit exceeded: the native stack is used up".to_owned(),
            ),
            _ if is_hostcall_fuel(&error) => limit(
                Limit::Message,
                format!(
                    "message limit exceeded: more than {} bytes in one message",
                    self.limits.message_bytes
                ),
            ),
            _ => Error::sandbox(format!("the interpreter failed: {error:#}"), Some(error)),
        }
    }
}

/// wasmtime has no type for this error, so it is recognised by its text; a test
/// keeps the two in step.
fn is_hostcall_fuel(error: &wasmtime::Error) -> bool {
    error
        .chain()
        .any(|cause| cause.to_string().contains("fuel allocated for hostcalls"))
}

/// How an interrupt appears: the interpreter believes that its time is up, or
/// the call it waited for raised.
fn is_interrupt(failure: &Failure) -> bool {
    match failure {
        Failure::LimitExceeded(exceeded) => exceeded.limit == interpreter::Limit::Duration,
        Failure::Raised(report) => report.exception.type_name == "KeyboardInterrupt",
        _ => false,
    }
}

/// Reads the waiting calls of a script, which are one message.
pub(super) fn decode_calls(
    requests: Vec<CallRequest>,
    caps: GraphCaps,
) -> Result<Vec<Call>, GraphError> {
    let mut left = caps;
    let mut calls = Vec::with_capacity(requests.len());
    for request in requests {
        let call = decode_call(&request, left)?;
        left.expanded_bytes = left.expanded_bytes.saturating_sub(call.bytes);
        calls.push(call);
    }
    Ok(calls)
}

pub(super) fn failed(failure: Failure) -> Error {
    match failure {
        Failure::Raised(report) => Error::script(report),
        Failure::InvalidSource(report) => Error::invalid_source(report),
        Failure::LimitExceeded(exceeded) => {
            let limit = match exceeded.limit {
                interpreter::Limit::Duration => Limit::Duration,
                interpreter::Limit::Memory => Limit::Memory,
                interpreter::Limit::Recursion => Limit::Recursion,
            };
            let message = exceeded.report.exception.message.clone();
            let message = message.unwrap_or_default();
            Error::limit_exceeded(limit, message, Some(exceeded.report))
        }
        Failure::InvalidRequest(message) => Error::request(message),
        Failure::InvalidSnapshot(message) => {
            Error::request(format_args!("the snapshot: {message}"))
        }
        Failure::Other(message) => Error::sandbox(message, None),
    }
}

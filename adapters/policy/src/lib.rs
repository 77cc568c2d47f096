//! `external-call` in front of another `external-call`: limits which tools a
//! script may call, how often, and with how much data. A denied call raises
//! `PermissionError` in the script, with a text that says what to do.
//!
//! The environment says what is allowed; [`settings`] has the variables.
//! Without any, nothing is.
//!
//! A request for the value of a name, or for an attribute of a tool's object,
//! needs the same permission as a call. It counts as a request, but not against
//! the tool's budget. Answers pass unchanged. A call answered later, as
//! `pending` or `suspend`, counts when it is made, whether or not the script
//! awaits it; abandoning it refunds nothing.
//!
//! # What budgets are counted over
//!
//! The life of the instance: all runs and all sessions in it share one budget
//! for each tool and one for requests, and nothing sets them back. Calls do not
//! say which run or session they belong to, so nothing smaller can be counted
//! here. A runtime that makes an instance for each run or request, as
//! `wasmtime run` and `wasmtime serve` do, has budgets for each.

#![allow(
    clippy::result_large_err,
    reason = "`Exception` is a WIT type, and moved once"
)]

mod log;
mod rules;
mod settings;
mod size;

/// wit-bindgen's generated bindings for `wit/`.
mod bindings {
    wit_bindgen::generate!({
        path: ["../../wit", "../wit"],
        world: "monty:adapters/policy",
        with: { "monty:sandbox/types@0.2.0": monty_value::types },
        generate_all,
    });
}

use std::cell::{Cell, RefCell};

use bindings::exports::monty::sandbox::external_call::{
    Guest, GuestPendingCall, PendingCall, PendingCallBorrow, Reply, Settled,
};
use bindings::monty::sandbox::external_call as next;
use monty_value::types::{
    Answer, CallId, CallRequest, Duration, Exception, ObjectId, SourceRange, Value,
};
use rules::{Refused, Rules};
use settings::Settings;

thread_local! {
    static POLICY: RefCell<Policy> = RefCell::new(Policy::from_environment());
}

/// The rules, and the remaining budgets.
struct Policy {
    /// The text says which variable is wrong. Nothing is allowed then.
    rules: Result<Rules, String>,
    log: bool,
    /// Whether the wrong variable was logged.
    told: bool,
}

impl Policy {
    fn from_environment() -> Self {
        match Settings::from_environment() {
            Ok(settings) => Self {
                log: settings.log,
                rules: Ok(Rules::new(settings)),
                told: false,
            },
            Err(message) => Self {
                log: true,
                rules: Err(message),
                told: false,
            },
        }
    }

    fn call(&mut self, tool: &str, bytes: Result<u64, String>) -> Result<(), Refused> {
        self.rules()?.call(tool, bytes)
    }

    fn name(&mut self, tool: &str) -> Result<(), Refused> {
        self.rules()?.name(tool)
    }

    fn rules(&mut self) -> Result<&mut Rules, Refused> {
        let logged = !self.told;
        self.rules.as_mut().map_err(|error| {
            self.told = true;
            Refused {
                message: error.clone(),
                logged,
            }
        })
    }
}

/// The component.
struct Component;

impl Guest for Component {
    type PendingCall = Pending;

    fn call(request: CallRequest) -> Reply {
        let tool = tool_name(&request.name, request.receiver.is_some());
        let bytes = size::argument_bytes(&request);
        let shown_bytes = *bytes.as_ref().unwrap_or(&0);
        let id = request.id;
        let log = |outcome: &str| {
            let tool = log::shown(&tool);
            log::line(&format!("call {id} {tool} {shown_bytes} bytes: {outcome}"));
        };
        let (allowed, logs) =
            POLICY.with_borrow_mut(|policy| (policy.call(&tool, bytes), policy.log));
        if let Err(refused) = allowed {
            if logs && let Some(outcome) = outcome_of(&refused) {
                log(&outcome);
            }
            return Reply::Answered(Answer::Raised(refused.into()));
        }
        match next::call(&request) {
            next::Reply::Answered(answer) => {
                if logs {
                    log(&log::outcome(&answer));
                }
                Reply::Answered(answer)
            }
            next::Reply::Pending(call) => {
                if logs {
                    log("pending");
                }
                Reply::Pending(PendingCall::new(Pending {
                    call,
                    id,
                    tool,
                    logs,
                    settled: Cell::new(false),
                }))
            }
        }
    }

    fn get_name(name: String, position: SourceRange) -> Result<Option<Value>, Exception> {
        allow("get-name", &tool_name(&name, false))?;
        next::get_name(&name, &position)
    }

    fn get_attribute(
        receiver: ObjectId,
        name: String,
        position: SourceRange,
    ) -> Result<Option<Value>, Exception> {
        allow("get-attribute", &tool_name(&name, true))?;
        next::get_attribute(receiver, &name, &position)
    }

    fn settle(calls: Vec<PendingCallBorrow<'_>>, timeout: Option<Duration>) -> Vec<Settled> {
        let calls: Vec<&Pending> = calls.iter().map(PendingCallBorrow::get).collect();
        let theirs: Vec<&next::PendingCall> = calls.iter().map(|pending| &pending.call).collect();
        next::settle(&theirs, timeout)
            .into_iter()
            .map(|next::Settled { index, answer }| {
                // The guest ignores an index without a call.
                if let Some(pending) = calls.get(index as usize) {
                    pending.settle(&answer);
                }
                Settled { index, answer }
            })
            .collect()
    }
}

/// A call in progress at the tools. Dropping it drops theirs, which tells them
/// that the script abandoned it.
struct Pending {
    call: next::PendingCall,
    /// For the log.
    id: CallId,
    tool: String,
    logs: bool,
    settled: Cell<bool>,
}

impl GuestPendingCall for Pending {}

impl Pending {
    fn settle(&self, answer: &Answer) {
        if !self.settled.replace(true) {
            self.log(&format!("settled: {}", log::outcome(answer)));
        }
    }

    fn log(&self, event: &str) {
        if self.logs {
            log::line(&format!("call {} {} {event}", self.id, self.tool));
        }
    }
}

impl Drop for Pending {
    fn drop(&mut self) {
        if !self.settled.get() {
            self.log("given up");
        }
    }
}

/// Allows a request for a name or an attribute, or answers with the exception
/// to raise.
fn allow(request: &str, tool: &str) -> Result<(), Exception> {
    let (allowed, logs) = POLICY.with_borrow_mut(|policy| (policy.name(tool), policy.log));
    allowed.map_err(|refused| {
        if logs && let Some(outcome) = outcome_of(&refused) {
            log::line(&format!("{request} {}: {outcome}", log::shown(tool)));
        }
        refused.into()
    })
}

/// What the settings call it: methods have a dot in front, because which
/// object they belong to is known to the tools alone.
fn tool_name(name: &str, method: bool) -> String {
    format!("{}{name}", if method { "." } else { "" })
}

impl From<Refused> for Exception {
    fn from(refused: Refused) -> Self {
        Self::new("PermissionError", refused.message)
    }
}

/// The log's text for a denial.
fn outcome_of(refused: &Refused) -> Option<String> {
    refused
        .logged
        .then(|| format!("refused ({})", refused.message))
}

bindings::export!(Component with_types_in bindings);

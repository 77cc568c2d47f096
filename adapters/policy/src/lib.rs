//! `external-call` in front of another `external-call`: which tools a script
//! may call, how often, and with how much. A call that is refused raises
//! `PermissionError` in the script, with a text that says what to do.
//!
//! The environment says what is allowed; [`settings`] has the variables.
//! Without any, nothing is.
//!
//! Looking up a name, or an attribute of a tool's object, takes the same
//! permission as calling it, and is not counted. Answers pass as they are, and
//! so do those of pending calls: such a call was allowed when it was made.

mod log;
mod rules;
mod settings;
mod size;

/// What wit-bindgen generates from `wit/`.
mod bindings {
    wit_bindgen::generate!({
        path: ["../../wit", "../wit"],
        world: "monty:adapters/policy",
        with: { "monty:sandbox/types@0.1.0": monty_value::types },
        generate_all,
    });
}

use std::cell::RefCell;

use bindings::exports::monty::sandbox::external_call::{Guest, LookupRequest};
use bindings::monty::sandbox::external_call as next;
use monty_value::types::{Answer, CallId, CallRequest, Exception, SettledCall};
use rules::Rules;
use settings::Settings;

thread_local! {
    static POLICY: RefCell<Policy> = RefCell::new(Policy::from_environment());
}

/// What is allowed, and how much of it is left.
struct Policy {
    /// The text says which variable is wrong. Nothing is allowed then.
    rules: Result<Rules, String>,
    log: bool,
}

impl Policy {
    fn from_environment() -> Self {
        match Settings::from_environment() {
            Ok(settings) => Self {
                log: settings.log,
                rules: Ok(Rules::new(settings)),
            },
            Err(message) => Self {
                log: true,
                rules: Err(message),
            },
        }
    }

    fn call(&mut self, tool: &str, bytes: u64) -> Result<(), String> {
        self.rules
            .as_mut()
            .map_err(|error| error.clone())?
            .call(tool, bytes)
    }

    fn lookup(&self, tool: &str) -> Result<(), String> {
        self.rules.as_ref().map_err(Clone::clone)?.lookup(tool)
    }
}

/// The component.
struct Component;

impl Guest for Component {
    fn call(request: CallRequest) -> Answer {
        let tool = tool_name(&request.name, request.receiver.is_some());
        let bytes = size::argument_bytes(&request);
        let (allowed, logs) =
            POLICY.with_borrow_mut(|policy| (policy.call(&tool, bytes), policy.log));
        let id = request.id;
        let (answer, outcome) = match allowed {
            Ok(()) => {
                let answer = next::call(&request);
                let outcome = log::outcome(&answer);
                (answer, outcome)
            }
            Err(message) => {
                let outcome = format!("refused ({message})");
                (refuse(message), outcome)
            }
        };
        if logs {
            log::line(&format!("call {id} {tool} {bytes} bytes: {outcome}"));
        }
        answer
    }

    fn lookup(request: LookupRequest) -> Answer {
        let tool = tool_name(&request.name, request.receiver.is_some());
        let (allowed, logs) = POLICY.with_borrow(|policy| (policy.lookup(&tool), policy.log));
        match allowed {
            Ok(()) => next::lookup(&next::LookupRequest {
                name: request.name,
                receiver: request.receiver,
                position: request.position,
            }),
            Err(message) => {
                if logs {
                    log::line(&format!("lookup {tool}: refused ({message})"));
                }
                refuse(message)
            }
        }
    }

    fn settle(pending: Vec<CallId>, timeout_micros: Option<u64>) -> Vec<SettledCall> {
        let settled = next::settle(&pending, timeout_micros);
        if POLICY.with_borrow(|policy| policy.log) {
            for call in &settled {
                log::line(&format!(
                    "call {} settled: {}",
                    call.id,
                    log::outcome(&call.answer)
                ));
            }
        }
        settled
    }
}

/// What the settings call it: methods have a dot in front, because which
/// object they belong to is known to the tools alone.
fn tool_name(name: &str, method: bool) -> String {
    format!("{}{name}", if method { "." } else { "" })
}

fn refuse(message: String) -> Answer {
    Answer::Raised(Exception::new("PermissionError", message))
}

bindings::export!(Component with_types_in bindings);
